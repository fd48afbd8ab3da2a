"""What happens while the fleet speaks, while reviewers work, and long after: events, each with the keys it takes."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scenarios.model.fleet import Fleet, homes_named
from scenarios.model.times import SignedTime, Time, in_words
from scenarios.model.validated import Locate

Does = Literal[
    "gateway_restart",
    "gateway_kill",
    "gateway_stop",
    "gateway_pause",
    "vault_restart",
    "vault_stop",
    "broker_restart",
    "broker_stop",
    "broker_pause",
    "disk_full",
    "link",
    "partition",
    "clock_step",
    "mute",
    "unmute",
    "consent_withdrawn",
    "household_forgotten",
    "contract_changed",
    "reviewer_revoked",
    "time_passes",
]

# What an event takes beside `at`; a key with "!" must be there.
TAKES: Mapping[str, str] = MappingProxyType(
    {
        "gateway_restart": "",
        "gateway_kill": "",
        "gateway_stop": "for!",
        "gateway_pause": "for!",
        "vault_restart": "",
        "vault_stop": "for!",
        "broker_restart": "",
        "broker_stop": "for!",
        "broker_pause": "for!",
        "disk_full": "for!",
        "link": "for side latency_ms jitter_ms loss bandwidth",
        "partition": "for! household cohort",
        "clock_step": "by! household cohort",
        "mute": "for household cohort",
        "unmute": "household cohort",
        "consent_withdrawn": "household cohort",
        "household_forgotten": "household!",
        "contract_changed": "contract!",
        "reviewer_revoked": "",
        "time_passes": "",
    }
)
_OPTIONS = ("for", "by", "household", "cohort", "contract", "side", "latency_ms", "jitter_ms", "loss", "bandwidth")
ON_A_LINE = ("latency_ms", "jitter_ms", "loss", "bandwidth")

_PARTS = ("gateway", "broker", "vault")
_WHOSE = ("mute", "partition")  # events that last, of some homes


def _do_or_after(schema: dict[str, Any]) -> None:
    """`{after: 181d}` needs no `do`."""
    schema["anyOf"] = [{"required": schema.pop("required")}, {"required": ["after"]}]


class Happening(BaseModel):
    """One event, `at` a simulated time after the fleet began to speak, or `after` a long time."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, json_schema_extra=_do_or_after)

    at: Time = Field(
        default=0,
        description="90s, 5m, 2h; a bare number is seconds; of simulated time, or of the reviewers' work",
    )
    after: Time | None = Field(default=None, description="181d: the store is looked at as it is then (time_passes)")
    do: Does
    lasts: Time | None = Field(default=None, alias="for", description="how long: 30s; then it is as before")
    household: str | None = Field(default=None, description="whose, by label: H03")
    cohort: str | None = Field(default=None, description="whose: homes of this cohort")
    by: SignedTime | None = Field(default=None, description="clock_step: how far clocks jump ahead: 1h, -5m")
    contract: str | dict[str, Any] | None = Field(
        default=None, description="contract_changed: a preset, a file beside this one, or keys: {extends: strict, ...}"
    )
    side: Literal["devices", "gateway"] = Field(default="devices", description="link: whose line to the broker")
    latency_ms: int | None = Field(default=None, ge=0, le=60_000, description="link: each way")
    jitter_ms: int | None = Field(default=None, ge=0, le=60_000, description="link: up to this much more")
    loss: float | None = Field(
        default=None, ge=0, le=0.9, description="link: share of packets that come a retransmission later"
    )
    bandwidth: int | None = Field(default=None, ge=1_000, description="link: bytes a second, each way")

    @model_validator(mode="before")
    @classmethod
    def _time_passes(cls, said: Any) -> Any:
        """`{after: 181d}` says what it does."""
        return {"do": "time_passes", **said} if isinstance(said, dict) and "after" in said else said

    @property
    def name(self) -> str:
        whose = self.household or self.cohort
        return self.do + (f" {whose}" if whose else "")

    @property
    def until(self) -> int | None:
        """When it is over, in simulated milliseconds; None: never, or at once."""
        return None if self.lasts is None else self.at + self.lasts

    @property
    def is_while_speaking(self) -> bool:
        """Whether it happens to the fleet: not while reviewers work, and not long after."""
        return self.do not in ("reviewer_revoked", "time_passes")


def timeline_faults(timeline: Sequence[Happening], fleet: Fleet, checks: Iterable[str]) -> Iterable[Locate]:
    """What no type can say; paths from the scenario's top."""
    asked = set(checks)
    for at, event in enumerate(timeline):
        where = ("timeline", at)
        yield from _keys(where, event)
        if event.household is not None or event.cohort is not None:
            yield from _whose(where, event, fleet)
        if event.do == "time_passes" and "retention" not in asked:
            yield where, "after: nobody would look at what is left then; add retention to checks"
        if event.do == "reviewer_revoked" and "access" not in asked:
            yield where, "reviewer_revoked: nobody would look whether they are still let in; add access to checks"
        if event.do == "link" and all(getattr(event, key) is None for key in ON_A_LINE):
            yield where, f"link: one of {', '.join(ON_A_LINE)} is wanted"
        if event.lasts == 0:
            yield (*where, "for"), "0: more than nothing is wanted"


def _keys(where: tuple[str | int, ...], event: Happening) -> Iterable[Locate]:
    takes = {key.rstrip("!") for key in TAKES[event.do].split()}
    wants = {key[:-1] for key in TAKES[event.do].split() if key.endswith("!")}
    given = {"for" if name == "lasts" else name for name in event.model_fields_set}
    if event.do == "time_passes" and event.after is None:
        yield where, "time_passes: after is wanted, such as 181d"
    if event.do != "time_passes" and event.after is not None:
        yield (*where, "after"), f"{event.do} happens at a time of the fleet's: say at"
    if event.do != "time_passes" and "at" not in given and event.after is None:
        yield where, f"{event.do}: at is wanted, such as 90s"
    for key in _OPTIONS:
        if key in given - takes:
            allowed = ", ".join(sorted(takes)) or "nothing but at"
            said = (
                "concerns no household"
                if key == "household" and not takes & {"household", "cohort"}
                else "does not take it"
            )
            yield (*where, key), f"{event.do} {said}; it takes {allowed}"
        elif key in wants - given:
            example = {"for": ", such as 30s", "by": ", such as 5m", "household": ", such as H03"}.get(key, "")
            yield where, f"{event.do}: {key} is wanted{example}"
    if event.do == "consent_withdrawn" and not given & {"household", "cohort"}:
        yield where, "consent_withdrawn: household or cohort is wanted: whose"


def _whose(where: tuple[str | int, ...], event: Happening, fleet: Fleet) -> Iterable[Locate]:
    if event.household is not None and event.cohort is not None:
        yield (*where, "cohort"), "either a household or a cohort is wanted"
        return
    key = "household" if event.household is not None else "cohort"
    if key in TAKES[event.do].replace("!", "").split():
        try:
            homes_named(fleet, event.household, event.cohort)
        except ValueError as error:
            yield (*where, key), str(error)


def withdrawn(timeline: Sequence[Happening], fleet: Fleet, began_ms: int) -> dict[str, int]:
    """The households that do not agree any more, and from when on (epoch ms). `began_ms`: when the fleet began."""
    since: dict[str, int] = {}
    for event in timeline:
        if event.do == "consent_withdrawn":
            for home in homes_named(fleet, event.household, event.cohort):
                since[home] = min(began_ms + event.at, since.get(home, began_ms + event.at))
    return since


def forgotten(timeline: Sequence[Happening]) -> frozenset[str]:
    """The households that are forgotten."""
    return frozenset(each.household for each in timeline if each.do == "household_forgotten" and each.household)


def clashes(timeline: Sequence[Happening], fleet: Fleet) -> Iterable[Locate]:
    """Each event that cannot happen as an earlier one has left things; paths from the scenario's top."""
    order = sorted(range(len(timeline)), key=lambda at: timeline[at].at)
    for number, place in enumerate(order):
        event = timeline[place]
        before = [timeline[other] for other in order[:number]]
        for says in (_still(event, before, fleet), _gone(event, before, fleet)):
            if says is not None:
                yield ("timeline", place), f"{event.do}: {says}"
                break


def _still(event: Happening, before: Sequence[Happening], fleet: Fleet) -> str | None:
    """What lasts, if the event befalls the same thing."""
    for other in before:
        if other.until is None or event.at >= other.until or _thing(event) != _thing(other) or _thing(event) is None:
            continue
        if event.do not in _WHOSE or _homes(event, fleet) & _homes(other, fleet):
            return (
                f"{other.do} lasts from {in_words(other.at)} to {in_words(other.until)}; before or after it is wanted"
            )
    return None


def _gone(event: Happening, before: Sequence[Happening], fleet: Fleet) -> str | None:
    if event.do not in ("household_forgotten", "consent_withdrawn"):
        return None
    for other in before:
        both = _homes(event, fleet) & _homes(other, fleet)
        if both and other.do in ("household_forgotten", event.do):
            what = "forgotten" if other.do == "household_forgotten" else "withdrawn"
            return f"{min(both)}: {what} already at {in_words(other.at)}"
    return None


def _thing(event: Happening) -> str | None:
    """What the event befalls: two at once would undo each other."""
    part = event.do.partition("_")[0]
    if part in _PARTS:
        return part
    if event.do == "link":
        return f"link {event.side}"
    return event.do if event.do in (*_WHOSE, "disk_full") else None


def _homes(event: Happening, fleet: Fleet) -> frozenset[str]:
    try:
        return homes_named(fleet, event.household, event.cohort)
    except ValueError:
        return frozenset()  # told by its own fault
