"""What a fleet will say: settings and identities in, every device's utterances with their scenes out; pure."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec
import numpy as np

from gateway.files import BadFile
from gateway.identities import Device, Household, Identities, Member
from gateway.wire import Context
from simulator.arrivals import Day, arrivals, habit, watches
from simulator.device import Habits, PlannedDevice, PlannedUtterance
from simulator.rooms import Room
from simulator.scenes import Backdrop, Saying, Scene
from simulator.truth import Disposition, Kind
from simulator.utterances import FALSE_WAKES, Phrasebook, Ways, fill, load_phrasebook, plain_text
from simulator.voices import Voice, Which, load_voices

BEGAN_MS = 1_554_883_200_000  # 10 April 2019, 08:00 UTC: the day of the article this project started from

_FLEET, _VOICES, _DAY, _ROOMS, _SKEW = (
    1,
    2,
    4,
    5,
    7,
)  # substreams of the seed; households.py has its own, twins.py the third
_PAUSES_MS = (500, 1_200)  # between a request and what is said after it
_BACKDROPS: tuple[Backdrop, ...] = ("pink", "pink", "pink", "television", "babble")
_NOBODY = ""  # who speaks in a home without members
_TALKERS = {"pink": 0, "television": 3, "babble": 5, "dishes": 0, "music": 0}

Content = Literal["wake", "button", "false_wake", "noise"]


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """Weights of what devices in consenting homes send."""

    wake: float = 0.52
    button: float = 0.14
    false_wake: float = 0.14
    noise: float = 0.12
    muted: float = 0.08


class FleetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A fleet's size and habits. `snr_db` is speech over backdrop; `talk_after` the share of requests followed by
    talk nobody addressed to the device, `telling` the share of that talk that gives a secret away.

    With `gap_ms` under a minute or so, late answers make devices start late; event times stay as planned.
    `ways` people says numbers and names as people do; `distress` is the share of false wakes that cry for help;
    device clocks are wrong by up to `skew_ms`.
    `day` spreads utterances over a day instead, as many as its profile brings. `in_rooms` is the share of scenes
    heard through a room, `backdrops` what lies under speech. `fixed_slots` gives every filled-in name or number
    the same time whatever its value: for twins that speak.
    """

    seed: int = 7
    households: int = 20
    utterances_per_device: int = 4
    mix: Mix = Mix()
    snr_db: float = 20.0
    voices: Which = "understood"
    talk_after: float = 0.3
    telling: float = 0.7
    ways: Ways = "plain"
    distress: float = 0.0
    in_rooms: float = 0.0
    backdrops: tuple[Backdrop, ...] = _BACKDROPS
    fixed_slots: bool = False
    day: Day | None = None
    skew_ms: int = 0
    gap_ms: int = 120_000
    began_ms: int = BEGAN_MS
    habits: Habits = Habits()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    settings: FleetSettings
    devices: tuple[PlannedDevice, ...]

    @property
    def utterances(self) -> tuple[PlannedUtterance, ...]:
        return tuple(said for device in self.devices for said in device.utterances)


class _Room(msgspec.Struct, frozen=True, kw_only=True):
    """Who can be heard by one device."""

    home: Household
    voices: dict[str, Voice]  # by person_id
    others: tuple[Voice, ...]  # television and babble
    phrases: Phrasebook
    settings: FleetSettings
    rng: np.random.Generator
    shape: Room | None

    def one(self, choices: Sequence[str]) -> str:
        return choices[int(self.rng.integers(len(choices)))]


def plan_fleet(settings: FleetSettings, identities: Identities) -> Plan:
    """What every device will say and when. Each device has a substream: adding one moves no other.

    Raises:
        BadFile: the phrasebook or the voices do not read.
    """
    if sum(msgspec.structs.astuple(settings.mix)) <= 0:
        raise BadFile("mix: at least one weight must be above 0")
    if settings.fixed_slots and settings.ways == "people":
        raise BadFile("fixed_slots: takes ways plain; a spelled name has no fixed time")
    devices = [
        _plan_device(settings, home, at, number, device)
        for at, home in enumerate(identities.households)
        for number, device in enumerate(home.devices, start=1)
    ]
    return Plan(settings=settings, devices=tuple(devices))


def _plan_device(
    settings: FleetSettings, home: Household, household: int, number: int, device: Device
) -> PlannedDevice:
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(_FLEET, household, number)))
    room = _Room(
        home=home,
        voices=_voices_of(home, settings, household),
        others=load_voices("any"),
        phrases=load_phrasebook(),
        settings=settings,
        rng=rng,
        shape=_room_of(settings, household) if settings.in_rooms else None,
    )
    label = f"{home.household_id}-D{number}"
    said = []
    if settings.day is not None:
        for count, (after_ms, watching) in enumerate(_day(settings.day, settings.seed, household, number), start=1):
            at_ms = settings.began_ms + after_ms
            said.append(_plan_utterance(room, device, f"{label}-{count:03d}", at_ms, watching=watching))
    else:
        at_ms = settings.began_ms + int(rng.integers(settings.gap_ms))
        for count in range(1, settings.utterances_per_device + 1):
            said.append(_plan_utterance(room, device, f"{label}-{count:03d}", at_ms))
            at_ms += int(settings.gap_ms * rng.uniform(0.75, 1.25))
    place = home.home
    context = Context(
        serial=device.serial,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
    )
    skew = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(_SKEW, household, number)))
    skew_ms = int(skew.integers(-settings.skew_ms, settings.skew_ms + 1))
    return PlannedDevice(label=label, skew_ms=skew_ms, site_id=device.site_id, context=context, utterances=tuple(said))


def _day(day: Day, seed: int, household: int, number: int) -> list[tuple[int, bool]]:
    """Milliseconds after the start, and whether a television is on; habits are the home's, times the device's."""
    own = habit(day, np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_DAY, household))))
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_DAY, household, number)))
    return [(at_ms, watches(day, own, at_ms)) for at_ms in arrivals(day, own, rng)]


def _room_of(settings: FleetSettings, household: int) -> Room:
    """Where a home's devices stand: a room within the sizes the wake engine was trained for."""
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(_ROOMS, household)))
    size = (float(rng.uniform(3.6, 5.6)), float(rng.uniform(3.6, 3.9)), float(rng.uniform(2.4, 3.0)))
    device = (float(rng.uniform(0.4, size[0] - 0.4)), 0.4, float(rng.uniform(0.7, 1.2)))
    return Room(size_m=size, absorption=float(rng.uniform(0.15, 0.4)), device_m=device)


def _voices_of(home: Household, settings: FleetSettings, household: int) -> dict[str, Voice]:
    """A voice for each member, theirs for good: one that fits their age where there is one."""
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(_VOICES, household)))
    voices = load_voices(settings.voices)
    free = [voices[int(at)] for at in rng.permutation(len(voices))]
    found: dict[str, Voice] = {}
    for member in home.members:
        unused = [voice for voice in free if voice not in found.values()] or free
        fitting = [voice for voice in unused if voice.sounds == member.age_group] or unused
        found[member.person_id] = fitting[0]
    return found or {_NOBODY: free[0]}


def _plan_utterance(
    room: _Room, device: Device, utterance_id: str, at_ms: int, *, watching: bool = False
) -> PlannedUtterance:
    kind, content = _kind(room, watching)
    intent, scene = _scene(room, content, watching)
    expected: Disposition = "keep" if kind in ("wake", "button") else "drop"
    words = [word.text for saying in scene.sayings for word in saying.words]
    return PlannedUtterance(
        utterance_id=utterance_id,
        household_id=room.home.household_id,
        site_id=device.site_id,
        session_id=str(UUID(bytes=room.rng.bytes(16), version=4)),
        at_ms=at_ms,
        kind=kind,
        intent=intent,
        expected=expected,
        acoustic=kind in ("wake", "false_wake", "noise"),
        trigger="button" if content == "button" else "wake",
        text=" ".join(plain_text(word) for word in words),
        scene=scene,
    )


def _kind(room: _Room, watching: bool) -> tuple[Kind, Content]:
    """What the utterance is, and what it sounds like: a muted device hears a request all the same."""
    mix = msgspec.structs.asdict(room.settings.mix)
    if watching and room.settings.day is not None:
        mix["false_wake"] *= room.settings.day.television_false_wakes
    weights = np.array(list(mix.values()))
    drawn = list(mix)[int(room.rng.choice(len(mix), p=weights / weights.sum()))]
    if not room.home.consent:
        return "no_consent", "button" if drawn == "button" else "wake"
    kinds: dict[str, tuple[Kind, Content]] = {
        "wake": ("wake", "wake"),
        "button": ("button", "button"),
        "false_wake": ("false_wake", "false_wake"),
        "noise": ("noise", "noise"),
        "muted": ("muted", "wake"),
    }
    return kinds[drawn]


def _scene(room: _Room, content: Content, watching: bool) -> tuple[str, Scene]:
    """Intent and sound. The intent of what is no request says which list or noise it came from."""
    backdrops = room.settings.backdrops
    backdrop = backdrops[int(room.rng.integers(len(backdrops)))]
    if watching:
        backdrop = "television"
    if content == "noise":
        return _noise(room)
    if content == "false_wake" and room.settings.distress and room.rng.random() < room.settings.distress:
        intent, sayings = "distress", [_saying(room, room.phrases.distress)]
    elif content == "false_wake":
        kind = FALSE_WAKES[int(room.rng.integers(len(FALSE_WAKES)))]
        intent, sayings = kind, [_saying(room, room.phrases.false_wake.of(kind))]
    else:
        intent, request = _request(room, content)
        sayings = [request]
        if room.rng.random() < room.settings.talk_after:
            sayings.append(_talk_after(room))
    return intent, _in_room(room, sayings, backdrop, room.settings.snr_db)


def _request(room: _Room, content: Literal["wake", "button"]) -> tuple[str, Saying]:
    """A request this home can make: one without contacts sends nobody a message."""
    by_intent = room.phrases.requests(content)
    intents = list(by_intent)
    for at in room.rng.permutation(len(intents)):
        saying = _saying(room, by_intent[intents[int(at)]])
        if saying.words:
            return intents[int(at)], saying
    raise BadFile(f"{room.home.household_id}: no {content} request of the phrasebook can be filled in for this home")


def _talk_after(room: _Room) -> Saying:
    lines = room.phrases.background
    saying = _saying(room, lines.telling) if room.rng.random() < room.settings.telling else None
    if saying is None or not saying.words:
        saying = _saying(room, lines.plain)
    pause, quieter = int(room.rng.integers(*_PAUSES_MS)), float(room.rng.integers(2, 9))
    return msgspec.structs.replace(saying, gap_ms=pause, gain_db=-quieter)


def _noise(room: _Room) -> tuple[str, Scene]:
    """Half blaring television, half noise without a word."""
    if room.rng.random() < 0.5:
        first = int(room.rng.integers(len(room.others)))
        return "television", _in_room(room, [_on_television(room, room.others[first])], "television", 6.0)
    scene = _in_room(room, [], "pink", 3.0)
    return "noise", msgspec.structs.replace(scene, least_ms=int(room.rng.integers(1_500, 5_000)))


def _in_room(room: _Room, sayings: list[Saying], backdrop: Backdrop, snr_db: float) -> Scene:
    drawn = room.rng.permutation(len(room.others))[: _TALKERS[backdrop]]
    scene = Scene(
        sayings=tuple(sayings),
        backdrop=backdrop,
        snr_db=snr_db,
        others=tuple(_on_television(room, room.others[int(at)]) for at in drawn),
        seed=int(room.rng.integers(2**62)),
    )
    places = np.random.default_rng([scene.seed, _ROOMS])  # a stream apart: rooms move nothing else
    if room.shape is None or places.random() >= room.settings.in_rooms:
        return scene
    size = room.shape.size_m
    stands = [(*(float(places.uniform(0.4, side - 0.4)) for side in size[:2]), 1.5) for _ in sayings]
    placed = [msgspec.structs.replace(saying, place_m=at) for saying, at in zip(sayings, stands, strict=True)]
    return msgspec.structs.replace(scene, sayings=tuple(placed), room=room.shape)


def _on_television(room: _Room, voice: Voice) -> Saying:
    words = fill(room.one(room.phrases.television), room.home, None, room.rng) or ()
    return Saying(voice=voice, words=words)


def _saying(room: _Room, templates: Sequence[str]) -> Saying:
    """A member of the home says one of the templates; without words where the home can fill none of them."""
    members = room.home.members
    speaker: Member | None = members[int(room.rng.integers(len(members)))] if members else None
    voice = room.voices[speaker.person_id if speaker else _NOBODY]
    for at in room.rng.permutation(len(templates)):
        words = fill(templates[int(at)], room.home, speaker, room.rng, room.settings.ways)
        if words:
            return Saying(voice=voice, words=words, fixed_slots=room.settings.fixed_slots)
    return Saying(voice=voice, words=())
