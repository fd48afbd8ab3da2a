"""The simulated world of a scenario: one fleet, or cohorts that differ."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.fault_words import nearest
from scenarios.model.times import Time, TimeOfDay
from simulator.device.assistant import USUAL
from simulator.plan.first_stage import Wakes
from simulator.plan.settings import Mix
from simulator.world.arrivals import USUAL_HOURS, Day, Storm
from simulator.world.utterances import Ways

Share = Annotated[float, Field(ge=0, le=1)]
Decibels = Annotated[float, Field(ge=-10, le=60)]
_DAY = 86_400_000


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Hears(_Model):
    """One device of a home: how much quieter it hears what the first one hears, and how much later."""

    quieter_db: float = Field(default=0.0, ge=-20, le=40, description="below the first device")
    later_ms: int = Field(default=0, ge=0, le=5_000, description="after the first device")


class Resend(_Model):
    """How patient a device is with a gateway that gives no receipt."""

    attempts: int = Field(default=3, ge=1, le=20, description="sendings of an utterance, the first one counted")
    wait: Time = Field(default=15_000, description="for a receipt, before it sends again: 15s")


class Mutes(_Model):
    """Hours of each day, UTC, in which the microphones are off; past midnight where `until` is the earlier one."""

    from_: TimeOfDay = Field(alias="from", description='"22:00"')
    until: TimeOfDay = Field(description='"07:00"')


class Rush(_Model):
    """Every device sends once at nearly the same time, as when power returns."""

    at: Time = Field(description="after the beginning: 2h")
    within: Time = Field(default=1_000, description="over how long: 1s")


_HOW_MUCH = {"arrivals", "utterances_per_device", "days"}  # one of them in a cohort stands for those of the fleet
_NOT_OF_ALL = {"hostile"}  # one such device, or one beside each home


class Arrivals(_Model):
    """When people speak, by the hour of the day, in place of `utterances_per_device`. Homes are up to an hour and a
    half earlier or later than the profile."""

    per_day: float = Field(default=12.0, gt=0, le=10_000, description="utterances of a device on a day, in the mean")
    starts: TimeOfDay = Field(default=0.0, description='"18:00", local time')
    lasts: Time = Field(default=_DAY, description="24h")
    profile: Literal["usual", "flat"] | tuple[Annotated[float, Field(ge=0)], ...] = Field(
        default="usual", description="usual: most in the evening; flat; or 24 shares, one an hour"
    )
    evening: tuple[int, int] = Field(default=(19, 23), description="hours in which televisions are on")
    ramp: Time = Field(default=0, description="devices come up one after the other within this time: 10m")
    rushes: tuple[Rush, ...] = Field(default=(), description="when all devices send at once: [{at: 2h}]")

    def day(self, television: float) -> Day:
        """As the plan takes it."""
        hours = {"usual": USUAL_HOURS, "flat": (1.0,) * 24}.get(str(self.profile)) or self.profile
        return Day(
            per_day=self.per_day,
            hours=tuple(float(share) for share in hours),
            starts_hour=self.starts,
            span_ms=self.lasts,
            television_share=television,
            television_hours=self.evening,
            ramp_ms=self.ramp,
            storms=tuple(Storm(at_ms=each.at, spread_ms=each.within) for each in self.rushes),
        )


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
    voices: Literal["understood", "any", "neural"] = Field(
        default="understood",
        description="voices the wake model was measured to understand, or all; neural: those of earlid[voices]",
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
    accents: tuple[str, ...] = Field(default=(), description="of the voices: en-us, en-gb-scotland; left out: all")
    alike: Share = Field(default=0.0, description="people of the first one's age with nearly its voice, as twins have")
    recordings: str | None = Field(
        default=None, description="a folder beside this file with own recordings in wake/ and other/: my-voices"
    )
    recorded: Share = Field(default=1.0, description="of what is said: recordings, where there are")
    resend: Resend = Field(default=Resend(), description="{attempts: 3, wait: 15s}")
    hears: tuple[Hears, ...] = Field(
        default=(), description="each device of a home, the first one too: {quieter_db: 6, later_ms: 80}"
    )
    mutes: Mutes | None = Field(default=None, description='{from: "22:00", until: "07:00"}')
    arrivals: Arrivals | None = Field(default=None, description="when people speak, by the hour: {per_day: 12}")
    hostile: tuple[str, ...] = Field(default=(), description="kinds of hostile devices that nobody knows")
    reboots: float = Field(default=0.0, ge=0, le=1_000, description="of a device, in the mean over the run")
    offline: float = Field(default=0.0, ge=0, le=1_000, description="times without a connection, in the mean")
    skew_ms: int = Field(default=0, ge=0, le=86_400_000, description="a device's clock is wrong by up to this")

    @property
    def devices(self) -> int | None:
        """Of each home, where it is said."""
        return self.devices_per_household or len(self.hears) or None

    @property
    def together(self) -> int:
        """How many devices of a home hear one utterance."""
        return max(self.heard_by, len(self.hears))

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
    """The whole fleet: its homes are alike, or come in `cohorts`. What it says of homes counts for every cohort
    that does not say it itself."""

    households: int = Field(default=20, ge=1, le=100_000)
    cohorts: tuple[Cohort, ...] = ()
    only: tuple[str, ...] = Field(default=(), description="these utterances alone, by label: H04-D1-001")
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
            found.append((self._as_all(cohort), range(at, at + count)))
            at += count
        return tuple(found)

    def _as_all(self, cohort: Cohort) -> Cohort:
        """The cohort with what the fleet says of all homes, where it says nothing else itself."""
        own = cohort.model_fields_set
        said = {key: getattr(self, key) for key in self.model_fields_set & set(Homes.model_fields) - own - _NOT_OF_ALL}
        if own & _HOW_MUCH:
            said = {key: value for key, value in said.items() if key not in _HOW_MUCH}
        return cohort.model_copy(update=said)

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


def homes_named(fleet: Fleet, household: str | None = None, cohort: str | None = None) -> frozenset[str]:
    """Labels of the homes meant: one, those of a cohort, or all.

    Raises:
        ValueError: there is no such home or cohort.
    """
    if household is not None:
        if household not in (every := [label(at) for at in range(fleet.size)]):
            raise ValueError(f"{household}: {every[0]} to {every[-1]} is wanted")
        return frozenset({household})
    names = [each.name for each in fleet.cohorts]
    if cohort is not None and cohort not in names:
        raise ValueError(f"{cohort}: {nearest(cohort, names) if names else 'the fleet has no cohorts'}")
    places = [at for homes, at in fleet.parts if cohort is None or getattr(homes, "name", None) == cohort]
    return frozenset(label(at) for part in places for at in part)


def label(at: int) -> str:
    """Of the home at this place in the file: H01."""
    return f"H{at + 1:02d}"
