"""The simulated world of a scenario: one fleet, or cohorts that differ."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile
from scenarios.model.validated import Locate, nearest
from simulator.device.assistant import USUAL
from simulator.device.hostile import HOSTILE
from simulator.plan.first_stage import Wakes
from simulator.plan.settings import Mix
from simulator.world.towns import find_town
from simulator.world.utterances import Ways

Share = Annotated[float, Field(ge=0, le=1)]
Decibels = Annotated[float, Field(ge=-10, le=60)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Homes(_Model):
    """What homes are like, and what is said in them. Shares are of 1; left out, a kind of sound has its usual part of
    what the others leave."""

    utterances_per_device: int = Field(default=4, ge=1, le=10_000)
    towns: tuple[str, ...] = Field(default=(), description="where homes are, in turn: Ashland, OR")
    consent: Share | None = Field(default=None, description="homes that agreed to review; left out: nine of ten")
    children: Share | None = Field(default=None, description="of a home's people besides the first")
    elderly: Share | None = Field(default=None, description="of a home's people")
    devices_per_household: int | None = Field(default=None, ge=1, le=20, description="left out: one or two")
    heard_by: int = Field(default=1, ge=1, le=20, description="devices of a home that hear one utterance")
    buttons: Share | None = Field(default=None, description="of what is said: requests by button")
    muted: Share | None = Field(default=None, description="of what is said: while the microphone is off")
    false_wakes: Share | None = Field(default=None, description="of what is said: speech like the wake word")
    noise: Share | None = Field(default=None, description="of what is heard: noise and television")
    television: Share = Field(default=0.0, description="homes with a set on: three times the false wakes, its sound")
    days: float | None = Field(default=None, gt=0, le=3_650, description="over how many days utterances are spread")
    snr_db: Decibels | tuple[Decibels, Decibels] = Field(
        default=20.0, description="speech over the room's noise; two: each home's own between them"
    )
    voices: Literal["understood", "any"] = Field(
        default="understood", description="voices the wake model was measured to understand, or all"
    )
    talk_after: Share = Field(default=0.3, description="requests followed by talk nobody addressed to it")
    talk_before: Share = Field(default=0.0, description="requests with talk before them, in the ring or not")
    in_rooms: Share = Field(default=0.0, description="scenes heard through a room")
    ways: Ways = Field(default="plain", description="how numbers and names are said: people say double five, and spell")
    distress: Share = Field(default=0.0, description="false wakes that are cries for help")
    visits: Share = Field(default=0.0, description="requests by somebody of another home")
    ring_ms: int = Field(default=500, ge=0, le=5_000, description="what a device streams from before it woke")
    wakes: Wakes = Field(
        default="every_sound", description="measured: devices sleep through most of what is no request"
    )
    reboots: float = Field(default=0.0, ge=0, le=1_000, description="of a device, in the mean over the run")
    offline: float = Field(default=0.0, ge=0, le=1_000, description="times without a connection, in the mean")
    skew_ms: int = Field(default=0, ge=0, le=86_400_000, description="a device's clock is wrong by up to this")

    @property
    def mix(self) -> Mix:
        """What is said, by kind; what is left out shares the rest as it usually does."""
        usual = Mix()
        named = {"button": self.buttons, "muted": self.muted, "false_wake": self.false_wakes, "noise": self.noise}
        said = {kind: share for kind, share in named.items() if share is not None}
        if not said:
            return usual
        rest = {kind: getattr(usual, kind) for kind in ("wake", *named) if kind not in said}
        left = max(0.0, 1 - sum(said.values()))
        return Mix(**said, **{kind: left * weight / sum(rest.values()) for kind, weight in rest.items()})


class Cohort(Homes):
    """Homes that are alike. Either `households`, or a `share` of the fleet's; the shares make 1."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    households: int | None = Field(default=None, ge=1, le=100_000)
    share: Share | None = None


class Fleet(Homes):
    """The whole fleet: its homes are alike, or come in `cohorts`, whose keys stand in place of these."""

    households: int = Field(default=20, ge=1, le=100_000)
    cohorts: tuple[Cohort, ...] = ()
    only: tuple[str, ...] = Field(default=(), description="these utterances alone, by label: H04-D1-001")
    hostile: tuple[str, ...] = Field(default=(), description="kinds of hostile devices that nobody knows")
    word_error_rate: float = Field(default=USUAL.word_error_rate, ge=0, le=1, description="of the automatic transcript")
    time_jitter_ms: float = Field(default=USUAL.time_jitter_ms, ge=0, le=1_000, description="of its words' edges")
    wake_like: float = Field(
        default=USUAL.wake_like, ge=0, le=1, description="wake-like phrases it takes for the wake word"
    )

    @property
    def parts(self) -> tuple[tuple[Homes, range], ...]:
        """Who is like what: homes by their place in the file."""
        if not self.cohorts:
            return ((self, range(self.households)),)
        found, at = [], 0
        for cohort, count in zip(self.cohorts, self._sizes(), strict=True):
            found.append((cohort, range(at, at + count)))
            at += count
        return tuple(found)

    @property
    def size(self) -> int:
        """How many homes there are in all."""
        return sum(len(homes) for _, homes in self.parts)

    def _sizes(self) -> list[int]:
        """By largest remainder, so that they make the whole."""
        if self.cohorts[0].share is None:
            return [cohort.households or 1 for cohort in self.cohorts]
        exact = [(cohort.share or 0.0) * self.households for cohort in self.cohorts]
        sizes = [int(each) for each in exact]
        by_rest = sorted(range(len(exact)), key=lambda at: sizes[at] - exact[at])
        for at in by_rest[: self.households - sum(sizes)]:
            sizes[at] += 1
        return sizes


def fleet_faults(fleet: Fleet) -> Iterable[Locate]:
    """What no type can say; paths from the scenario's top."""
    yield from _homes(("fleet",), fleet)
    for at, name in enumerate(fleet.hostile):
        if name not in HOSTILE:
            yield ("fleet", "hostile", at), f"{name} is no kind of hostile device; {nearest(name, HOSTILE)}"
    shares = [cohort.share for cohort in fleet.cohorts if cohort.share is not None]
    for at, cohort in enumerate(fleet.cohorts):
        where = ("fleet", "cohorts", at)
        yield from _homes(where, cohort)
        if (cohort.share is None) == (cohort.households is None):
            yield where, f"{cohort.name}: either households or a share is wanted"
        elif shares and cohort.share is None:
            yield (*where, "households"), f"{cohort.name}: the others have a share; so must this one"
        if [other.name for other in fleet.cohorts].index(cohort.name) < at:
            yield (*where, "name"), f"{cohort.name}: two cohorts have this name"
    if shares and len(shares) == len(fleet.cohorts) and abs(sum(shares) - 1) > 1e-6:
        yield ("fleet", "cohorts"), f"the shares make {sum(shares):g}, and must make 1"


def _homes(at: tuple[str | int, ...], homes: Homes) -> Iterable[Locate]:
    for number, town in enumerate(homes.towns):
        try:
            find_town(town)
        except BadFile as error:
            yield (*at, "towns", number), str(error).removeprefix("town: ")
    said = [share for share in (homes.buttons, homes.muted, homes.false_wakes, homes.noise) if share is not None]
    if sum(said) > 1 + 1e-9:
        yield at, f"buttons, muted, false_wakes and noise make {sum(said):g}; 1 is all that is said"
    if (homes.children or 0) + (homes.elderly or 0) > 1:
        yield (*at, "children"), "children and elderly make more than 1"
    if homes.heard_by > 1 and homes.heard_by > (homes.devices_per_household or 1):
        has = homes.devices_per_household or "one or two"
        yield (*at, "heard_by"), f"{homes.heard_by}: a home has {has} devices (devices_per_household)"
    if isinstance(homes.snr_db, tuple) and homes.snr_db[0] > homes.snr_db[1]:
        yield (*at, "snr_db"), "the smaller number comes first"
