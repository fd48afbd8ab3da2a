"""The settings of a fleet. A plan is made from them and the identities."""

import msgspec

from simulator.plan.first_stage import Wakes
from simulator.plan.outages import Outages
from simulator.plan.planned import Habits
from simulator.sound.recordings import Corpus
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
    """The settings of a fleet.

    Sound: `snr_db` is speech over backdrop in dB. `snr_range` draws a home's own `snr_db` between two values.
    `in_rooms` is the share of scenes heard through a room. `backdrops` are the sounds under speech. In the share
    `television` of homes a television is always on, with three times the false wakes.

    Speech: `talk_before` and `talk_after` are the shares of requests with other talk before and after them. `telling`
    is the share of the talk after that gives a secret away. `visits` is the share of requests by a person of another
    home. With `ways` people, numbers and names are said as people say them. `distress` is the share of false wakes
    that are cries for help. `fixed_slots` gives every filled-in value the same duration, for spoken twins.

    Recordings: the share `recorded` of requests, false wakes and talk are `recordings`, where there are such. Nobody
    has measured which of them wake a device, so each of them does.

    Devices: a device streams from `ring_ms` before it wakes. With `wakes` every_sound it wakes at every planned sound.
    With measured it wakes at the shares measured of a permissive engine. `outages` are the times it is away. Its clock
    is wrong by up to `skew_ms`. `heard_by` devices of a home hear the same utterances; `hears` gives each of them but
    the first its level (dB below the first) and its delay (ms). `accents` are those of the voices; empty means all. The
    share `alike` of a home's people of the first one's age have nearly the first one's voice, as twins do.

    Times: `day` spreads utterances over a day by its profile. Without it there are `utterances_per_device` utterances,
    about `gap_ms` apart. With gaps under a minute late receipts delay the next sending; event times do not change.
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
    hears: tuple[tuple[float, int], ...] = ()
    accents: tuple[str, ...] = ()
    alike: float = 0.0
    recordings: Corpus = Corpus()
    recorded: float = 1.0
    began_ms: int = BEGAN_MS
    habits: Habits = Habits()
