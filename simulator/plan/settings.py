"""The settings of a fleet. A plan is made from them and the identities."""

import msgspec

from simulator.plan.first_stage import Wakes
from simulator.plan.outages import Outages
from simulator.plan.planned import Habits
from simulator.sound.scenes import Backdrop
from simulator.sound.voices import Which
from simulator.world.arrivals import Day
from simulator.world.utterances import Ways

BEGAN_MS = 1_554_883_200_000  # 10 April 2019, 08:00 UTC

_BACKDROPS: tuple[Backdrop, ...] = ("pink", "pink", "pink", "television", "babble")


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """Weights of the kinds of sound around devices of consenting homes."""

    wake: float = 0.52
    button: float = 0.14
    false_wake: float = 0.14
    noise: float = 0.12
    muted: float = 0.08


class FleetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`snr_db` is speech over backdrop, `in_rooms` the share of scenes heard through a room, `backdrops` what lies
    under speech.

    `talk_before` and `talk_after` are the shares of requests with talk around them that nobody addressed to the
    device, `telling` the share of the latter that gives a secret away; `visits` the share of requests by somebody of
    another home. `ways` people says numbers and names as people do; `distress` is the share of false wakes that cry
    for help. `fixed_slots` gives every filled-in name or number the same time whatever its value: for twins that
    speak.

    A device streams from `ring_ms` before it wakes. With `wakes` every_sound it wakes at all that is planned, which
    is what a test of the gateway wants; measured, at as much of it as a permissive engine did. `outages` are times
    it is not there, and its clock is wrong by up to `skew_ms`.

    In the share `television` of homes a set is on all the time, with three times the false wakes. Of each home's
    devices `heard_by` hear the same utterances, each at its own level and a moment apart. `snr_range` draws a home's
    own `snr_db` from between two.

    `day` spreads utterances over a day, as many as its profile brings, instead of `utterances_per_device` every
    `gap_ms` or so. With gaps under a minute late answers make devices start late; event times stay as planned.
    """

    seed: int = 7
    households: int = 20
    utterances_per_device: int = 4
    mix: Mix = Mix()
    snr_db: float = 20.0
    voices: Which = "understood"
    talk_before: float = 0.0
    talk_after: float = 0.3
    telling: float = 0.7
    visits: float = 0.0
    ways: Ways = "plain"
    distress: float = 0.0
    in_rooms: float = 0.0
    backdrops: tuple[Backdrop, ...] = _BACKDROPS
    fixed_slots: bool = False
    ring_ms: int = 500
    wakes: Wakes = "every_sound"
    outages: Outages = Outages()
    day: Day | None = None
    skew_ms: int = 0
    gap_ms: int = 120_000
    television: float = 0.0
    television_false_wakes: float = 3.0
    heard_by: int = 1
    snr_range: tuple[float, float] | None = None
    began_ms: int = BEGAN_MS
    habits: Habits = Habits()
