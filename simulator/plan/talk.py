"""Draws what can be heard around one device: requests, false wakes, noise and talk. Pure."""

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from gateway.files import BadFile
from gateway.identities import Household, Member
from simulator.plan.settings import FleetSettings
from simulator.sound.recordings import Take
from simulator.sound.rooms import Room
from simulator.sound.scenes import Backdrop, Saying, Scene
from simulator.sound.voices import Voice, load_voices
from simulator.world.truth import Speaker
from simulator.world.utterances import FALSE_WAKES, Phrasebook, Word, fill

RECORDED = "recorded"  # the intent of a recording: nobody knows it
Content = Literal["wake", "button", "false_wake", "noise"]

_VOICES, _ROOMS = 2, 5  # substreams of the seed
_PAUSES_MS = (500, 1_200)  # between a request and what is said after it
_BEFORE_MS = (100, 900)  # between what is said before a request and the request
_TALKERS = {"pink": 0, "television": 3, "babble": 5, "dishes": 0, "music": 0}
_CHILDREN = 0.4  # of everyday talk around a request, where there are children


class Talker(msgspec.Struct, frozen=True, kw_only=True):
    """A speaker and the home they speak of. `member` is None if the home's people are not known."""

    home: Household
    member: Member | None
    voice: Voice


class Earshot(msgspec.Struct, frozen=True, kw_only=True):
    """The speakers and other sounds that one device can hear."""

    people: tuple[Talker, ...]
    guests: tuple[Talker, ...]
    others: tuple[Voice, ...]  # television and babble
    phrases: Phrasebook
    settings: FleetSettings
    rng: np.random.Generator
    shape: Room | None

    @property
    def home(self) -> Household:
        return self.people[0].home

    def one(self, choices: Sequence[str]) -> str:
        return choices[int(self.rng.integers(len(choices)))]


def people_of(home: Household, settings: FleetSettings, household: int) -> tuple[Talker, ...]:
    """A home's members, each with a fixed voice that fits their age where possible."""
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(_VOICES, household)))
    voices = spoken_by(settings)
    free = [voices[int(at)] for at in rng.permutation(len(voices))]
    found: list[Talker] = []
    for member in home.members:
        taken = [talker.voice for talker in found]
        unused = [voice for voice in free if voice not in taken] or free
        fitting = [voice for voice in unused if voice.sounds == member.age_group] or unused
        voice = fitting[0]
        of_an_age = bool(found) and found[0].member is not None and found[0].member.age_group == member.age_group
        if of_an_age and settings.alike and rng.random() < settings.alike:
            voice = alike(found[0].voice, len(found))
        found.append(Talker(home=home, member=member, voice=voice))
    return tuple(found) or (Talker(home=home, member=None, voice=free[0]),)


def alike(voice: Voice, nth: int) -> Voice:
    """A voice that a listener takes for the same one, as a twin's: a little higher, and a little slower.

    How well the wake engine hears it was not measured; the figures are those of the other voice.
    """
    return voice.model_copy(
        update={"pitch": min(100, voice.pitch + nth), "rate_wpm": max(80, voice.rate_wpm - 2 * nth)}
    )


def spoken_by(settings: FleetSettings) -> tuple[Voice, ...]:
    """The voices people of this fleet may have.

    Raises:
        BadFile: none has one of the accents.
    """
    voices = load_voices(settings.voices)
    found = tuple(voice for voice in voices if not settings.accents or voice.accent in settings.accents)
    if not found:
        raise BadFile(f"accents: no voice that is {settings.voices} has one of {', '.join(settings.accents)}")
    return found


def room_of(settings: FleetSettings, household: int) -> Room:
    """The room of a home's devices, within the sizes that the wake engine was trained for."""
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(_ROOMS, household)))
    size = (float(rng.uniform(3.6, 5.6)), float(rng.uniform(3.6, 3.9)), float(rng.uniform(2.4, 3.0)))
    device = (float(rng.uniform(0.4, size[0] - 0.4)), 0.4, float(rng.uniform(0.7, 1.2)))
    return Room(size_m=size, absorption=float(rng.uniform(0.15, 0.4)), device_m=device)


def overheard(near: Earshot, content: Content, *, watching: bool) -> tuple[str, Scene]:
    """(intent, scene). The intent of a sound without a request names its list or noise."""
    settings = near.settings
    backdrop = settings.backdrops[int(near.rng.integers(len(settings.backdrops)))]
    if watching:
        backdrop = "television"
    if content == "noise":
        return _noise(near)
    if content == "false_wake":
        intent, saying = _false_wake(near)
        return intent, _in_room(near, [saying], backdrop, settings.snr_db)
    talkers = near.people
    if settings.visits and near.guests and near.rng.random() < settings.visits:
        talkers = near.guests
    intent, request = _request(near, content, talkers)
    sayings, before = [request], []
    if near.rng.random() < settings.talk_after:
        sayings.append(_talk_after(near, talkers))
    if settings.talk_before and near.rng.random() < settings.talk_before:
        quiet = _recorded(near, near.settings.recordings.other)
        before = [quiet or _everyday(near, near.phrases.background.before)]
        sayings[0] = msgspec.structs.replace(request, gap_ms=int(near.rng.integers(*_BEFORE_MS)))
    return intent, _in_room(near, sayings, backdrop, settings.snr_db, before)


def _false_wake(near: Earshot) -> tuple[str, Saying]:
    if near.settings.distress and near.rng.random() < near.settings.distress:
        return "distress", _saying(near, near.phrases.distress, near.people)
    if recorded := _recorded(near, near.settings.recordings.other):
        return RECORDED, recorded
    kind = FALSE_WAKES[int(near.rng.integers(len(FALSE_WAKES)))]
    saying = _saying(near, near.phrases.false_wake.of(kind), near.people)
    if not saying.words:
        raise BadFile(
            f"{near.home.household_id}: no {kind} false wake of the phrasebook can be filled in for this home"
        )
    return kind, saying


def _request(near: Earshot, content: Literal["wake", "button"], talkers: Sequence[Talker]) -> tuple[str, Saying]:
    """A request that these people can make. People without contacts send no message."""
    if content == "wake" and (recorded := _recorded(near, near.settings.recordings.wake)):
        return RECORDED, recorded
    by_intent = near.phrases.requests(content)
    intents = list(by_intent)
    for at in near.rng.permutation(len(intents)):
        saying = _saying(near, by_intent[intents[int(at)]], talkers)
        if saying.words:
            return intents[int(at)], saying
    raise BadFile(f"{near.home.household_id}: no {content} request of the phrasebook can be filled in for this home")


def _talk_after(near: Earshot, talkers: Sequence[Talker]) -> Saying:
    lines = near.phrases.background
    saying = _recorded(near, near.settings.recordings.other)
    if saying is None and near.rng.random() < near.settings.telling:
        saying = _saying(near, lines.telling, talkers)
    if saying is None or not (saying.words or saying.recording):
        saying = _everyday(near, lines.plain)
    pause, quieter = int(near.rng.integers(*_PAUSES_MS)), float(near.rng.integers(2, 9))
    return msgspec.structs.replace(saying, gap_ms=pause, gain_db=-quieter)


def _everyday(near: Earshot, lines: Sequence[str]) -> Saying:
    """An everyday line, or a child's line."""
    children = [talker for talker in near.people if talker.member and talker.member.age_group == "child"]
    if children and near.rng.random() < _CHILDREN:
        saying = _saying(near, near.phrases.background.children, children)
    else:
        saying = _saying(near, lines, near.people)
    return msgspec.structs.replace(saying, gain_db=-float(near.rng.integers(2, 9)))


def _noise(near: Earshot) -> tuple[str, Scene]:
    """A noise: half of the time loud television, half of the time noise without words."""
    if near.rng.random() < 0.5:
        first = int(near.rng.integers(len(near.others)))
        return "television", _in_room(near, [_on_television(near, near.others[first])], "television", 6.0)
    scene = _in_room(near, [], "pink", 3.0)
    return "noise", msgspec.structs.replace(scene, least_ms=int(near.rng.integers(1_500, 5_000)))


def _in_room(
    near: Earshot, sayings: list[Saying], backdrop: Backdrop, snr_db: float, before: Sequence[Saying] = ()
) -> Scene:
    drawn = near.rng.permutation(len(near.others))[: _TALKERS[backdrop]]
    scene = Scene(
        sayings=tuple(sayings),
        before=tuple(before),
        backdrop=backdrop,
        snr_db=snr_db,
        others=tuple(_on_television(near, near.others[int(at)]) for at in drawn),
        pre_roll_ms=near.settings.ring_ms,
        seed=int(near.rng.integers(2**62)),
    )
    places = np.random.default_rng([scene.seed, _ROOMS])  # a separate random stream, so that rooms change no other draw
    if near.shape is None or places.random() >= near.settings.in_rooms:
        return scene
    size = near.shape.size_m

    def placed(saying: Saying) -> Saying:
        at = (float(places.uniform(0.4, size[0] - 0.4)), float(places.uniform(0.4, size[1] - 0.4)), 1.5)
        return msgspec.structs.replace(saying, place_m=at)

    there = tuple(placed(saying) for saying in sayings)
    return msgspec.structs.replace(
        scene, sayings=there, before=tuple(placed(saying) for saying in before), room=near.shape
    )


def _on_television(near: Earshot, voice: Voice) -> Saying:
    words = fill(near.one(near.phrases.television), near.home, None, near.rng) or ()
    return Saying(voice=voice, words=words)


def _recorded(near: Earshot, takes: Sequence[Take]) -> Saying | None:
    """One of the recordings, in the share of sounds that are recorded. Who speaks is not known."""
    if not takes or near.rng.random() >= near.settings.recorded:
        return None
    take = takes[int(near.rng.integers(len(takes)))]
    words = tuple(Word(text=word) for word in (take.text or "").split())
    return Saying(voice=near.people[0].voice, words=words, recording=take)


def _saying(near: Earshot, templates: Sequence[str], talkers: Sequence[Talker]) -> Saying:
    """One talker says one of the templates. It has no words if nobody can fill any template."""
    talker = talkers[int(near.rng.integers(len(talkers)))]
    name = talker.member.person_id if talker.member else ""
    who = Speaker(person_id=name, household_id=talker.home.household_id)
    for at in near.rng.permutation(len(templates)):
        words = fill(templates[int(at)], talker.home, talker.member, near.rng, near.settings.ways)
        if words:
            return Saying(voice=talker.voice, words=words, speaker=who, fixed_slots=near.settings.fixed_slots)
    return Saying(voice=talker.voice, words=())
