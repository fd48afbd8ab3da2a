"""Mixes what the microphone hears: speech in a room over other sounds. It keeps the position of every word."""

import hashlib
import itertools
import warnings
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from gateway.wire import RATE_HZ
from simulator.sound.noises import at_level, dishes, music, pink_noise, rms
from simulator.sound.recordings import Take, loud, play
from simulator.sound.ringing import heard_until
from simulator.sound.rooms import Point, Response, Room, hear_through, response
from simulator.sound.speech import Speech, SpeechError, TimedWord, say
from simulator.sound.voices import Voice
from simulator.world.truth import Speaker, SpokenWord
from simulator.world.utterances import Word, plain_text

with warnings.catch_warnings():
    # pydub 0.25 at import: no ffmpeg (WAV needs none), audioop, and its own regular expressions
    for _category in (RuntimeWarning, DeprecationWarning, SyntaxWarning):
        warnings.simplefilter("ignore", _category)
    from pydub import AudioSegment

Backdrop = Literal["pink", "television", "babble", "dishes", "music"]

FRAME_MS = 80
SPEECH_DBFS = -26.0  # level of a talker's words: the usual active speech level of ITU-T P.56
_ROOM_DBFS = -66.0  # noise floor, because no room is digitally silent
_SAMPLES_PER_MS = RATE_HZ // 1000
_FULL_SCALE = 32_768.0


# The time a filled-in part takes in a saying with fixed slots, whatever its value: the longest of the slowest voice.
SLOT_MS = {
    "contact": 1_200,
    "contact_name": 2_200,
    "person": 1_200,
    "city": 2_500,
    "street": 4_500,
    "phone": 7_000,
    "ssn": 6_500,
    "bank_account": 8_500,
    "card": 11_000,
}


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """One talker's line. It begins `gap_ms` after the end of the line before.

    With `fixed_slots` every filled-in value is spoken separately in a fixed time, so that twins sound alike everywhere
    else. `place_m` is the talker's position in the room in metres. `speaker` is who talks (None on television).
    A `recording` is played in place of the voice; `words` are then its text, empty where that is not known.
    """

    voice: Voice
    words: tuple[Word, ...]
    gap_ms: int = 0
    gain_db: float = 0.0
    fixed_slots: bool = False
    place_m: Point | None = None
    speaker: Speaker | None = None
    recording: Take | None = None


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a session's audio is made from. The same scene gives the same samples.

    The sound starts with `pre_roll_ms` of room, which the device's ring held when it woke. The sayings follow one after
    the other. Of what was said `before`, only the part within the pre-roll is heard. The backdrop is `snr_db` below a
    talker's level for the whole time. Television and babble speak the lines of `others`, which are no request.

    Levels are levels at the microphone. Distance in a room delays and blurs speech, but does not change its `gain_db`.
    `amplified_db` is the device's own gain. It clips what is too loud.
    """

    sayings: tuple[Saying, ...]
    before: tuple[Saying, ...] = ()
    backdrop: Backdrop
    snr_db: float
    others: tuple[Saying, ...] = ()
    pre_roll_ms: int = 400
    tail_ms: int = 480
    least_ms: int = 0
    room: Room | None = None
    amplified_db: float = 0.0
    seed: int


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """`pcm` is int16 mono at 16 kHz, a whole number of 80 ms frames; words in samples from its first.

    In `words`, a word with a secret ends where its reverberation has fallen by 30 dB, or where that lies 15 dB below
    everything else that sounds, so that nobody hears it. In `uttered`, each word ends
    where its own sound ends, as a recogniser would say. If the ring's cut has removed part of a word, `words` has the
    rest of it. `uttered` has that word only if half of it is left. `speakers` are the speakers of the words. It is
    `unplaced` where a recording is heard whose words have no known place.
    """

    pcm: np.ndarray
    words: tuple[SpokenWord, ...]
    uttered: tuple[SpokenWord, ...] = ()
    speakers: tuple[Speaker | None, ...] = ()
    unplaced: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the samples."""
        return hashlib.sha256(self.pcm.astype("<i2").tobytes()).hexdigest()


def prepare() -> None:
    """Load what rendering needs. It takes a second, which a paced clock must not see."""
    import scipy.signal  # noqa: F401


def render(scene: Scene) -> Sound:
    """Mix a scene to a sound. Raises SpeechError if a voice cannot speak."""
    placed: list[tuple[int, _InRoom, Saying]] = []
    at_ms = 0
    for saying in (*scene.before, *scene.sayings):
        at_ms += saying.gap_ms
        heard = _in_room(_speak(saying), saying, scene.room)
        placed.append((at_ms, heard, saying))
        at_ms += -(-len(heard.speech.pcm) // _SAMPLES_PER_MS)
    woke_ms = placed[len(scene.before)][0] if scene.before and scene.sayings else 0
    began_ms = woke_ms - scene.pre_roll_ms
    length_ms = -(-max(at_ms - began_ms + scene.tail_ms, scene.least_ms) // FRAME_MS) * FRAME_MS
    layers = _layer(_backdrop(scene, length_ms * _SAMPLES_PER_MS))
    for begin_ms, heard, _ in placed:
        layer = _layer(heard.speech.pcm)[max(0, began_ms - begin_ms) :]
        layers = layers.overlay(layer, position=max(0, begin_ms - began_ms))
    mixed = pcm = np.frombuffer(layers.raw_data, np.int16)
    if scene.amplified_db:
        pcm = _int16(pcm * 10 ** (scene.amplified_db / 20))
    spoken, ringing = list[SpokenWord](), list[tuple[SpokenWord, Speaker | None]]()
    for begin_ms, heard, saying in placed:
        offset = (begin_ms - began_ms) * _SAMPLES_PER_MS
        words = _spoken(saying, heard.speech, offset)
        spoken += words
        ringing += [(_within(word), saying.speaker) for word in _ringing(words, heard, mixed, offset)]
    return Sound(
        pcm=pcm,
        words=tuple(word for word, _ in ringing if word.end > 0),
        uttered=tuple(_within(word) for word in spoken if word.start + word.end >= 0 and word.end > 0),
        speakers=tuple(who for word, who in ringing if word.end > 0),
        unplaced=any(saying.recording is not None and not heard.speech.words for _, heard, saying in placed),
    )


def _within(word: SpokenWord) -> SpokenWord:
    """The part of the word that is in the audio. Samples before the first one do not exist."""
    return word if word.start >= 0 else msgspec.structs.replace(word, start=0)


def _in_room(speech: Speech, saying: Saying, room: Room | None) -> "_InRoom":
    if room is None or saying.place_m is None:
        return _InRoom(speech=speech, dry=speech)
    heard = response(room, saying.place_m)
    pcm = hear_through(speech.pcm, heard)
    words = tuple(
        TimedWord(text=word.text, start=word.start + heard.direct, end=word.end + heard.direct) for word in speech.words
    )
    dry, wet = (rms(_active(samples, timed)) for samples, timed in ((speech.pcm, speech.words), (pcm, words)))
    gain = dry / max(wet, 1e-9)
    return _InRoom(speech=Speech(pcm=_int16(pcm * gain), words=words), dry=speech, response=heard, gain=gain)


class _InRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A saying as the device hears it, at its own level; as it was said; and the room between."""

    speech: Speech
    dry: Speech
    response: Response | None = None
    gain: float = 1.0


def _ringing(words: list[SpokenWord], heard: _InRoom, mixed: np.ndarray, offset: int) -> list[SpokenWord]:
    """The words of a saying; one with a secret ends where its echo is no longer heard. `offset` is the saying's first
    sample in `mixed`."""
    secret = [at for at, word in enumerate(words) if word.secret]
    if heard.response is None or not secret:
        return words
    alone = np.zeros(len(heard.dry.pcm))
    for at in secret:
        timed = heard.dry.words[at]
        alone[timed.start : timed.end] = heard.dry.pcm[timed.start : timed.end]
    own = np.zeros(len(mixed))
    rung = hear_through(alone, heard.response)[max(0, -offset) :] * heard.gain
    there = own[max(0, offset) :][: len(rung)]
    there += rung[: len(there)]
    tail, ends = heard.response.tail, dict[int, int]()
    for at in secret:
        ends[at] = heard_until(own, mixed, end=words[at].end, longest=tail)
    return [msgspec.structs.replace(word, end=ends.get(at, word.end)) for at, word in enumerate(words)]


def _layer(pcm: np.ndarray) -> AudioSegment:
    return AudioSegment(data=pcm.tobytes(), sample_width=2, frame_rate=RATE_HZ, channels=1)


def _speak(saying: Saying) -> Speech:
    """The saying, its words at SPEECH_DBFS and the saying's gain above or below."""
    if not saying.fixed_slots:
        return _levelled(saying.words, saying)
    blocks: list[np.ndarray] = []
    timed: list[TimedWord] = []
    at = 0
    for slot, run in itertools.groupby(saying.words, key=lambda word: word.slot):
        speech = _levelled(tuple(run), saying)
        length = len(speech.pcm) if slot is None else SLOT_MS[slot] * _SAMPLES_PER_MS
        if len(speech.pcm) > length:
            raise SpeechError(f"{slot}: longer than its slot of {SLOT_MS[slot or '']} ms")
        timed += [TimedWord(text=w.text, start=at + w.start, end=at + w.end) for w in speech.words]
        blocks.append(np.pad(speech.pcm, (0, length - len(speech.pcm))))
        at += length
    return Speech(pcm=np.concatenate(blocks), words=tuple(timed))


def _levelled(words: tuple[Word, ...], saying: Saying) -> Speech:
    if saying.recording is not None:
        speech = play(saying.recording)
    else:
        speech = say(" ".join(word.text for word in words), saying.voice)
    active = _active(speech.pcm, speech.words)
    factor = 10 ** ((SPEECH_DBFS + saying.gain_db) / 20) * _FULL_SCALE / max(rms(active), 1.0)
    return Speech(pcm=_int16(speech.pcm * factor), words=speech.words)


def _active(pcm: np.ndarray, words: Sequence[TimedWord]) -> np.ndarray:
    """The samples of the words; where they have no place, the loud part."""
    return np.concatenate([pcm[word.start : word.end] for word in words]) if words else loud(pcm)


def _spoken(saying: Saying, speech: Speech, offset: int) -> list[SpokenWord]:
    if saying.recording is not None and not speech.words:
        return []  # nobody knows where its words are
    return [
        SpokenWord(text=plain_text(word.text), start=offset + timed.start, end=offset + timed.end, secret=word.secret)
        for word, timed in zip(saying.words, speech.words, strict=True)
    ]


def _backdrop(scene: Scene, samples: int) -> np.ndarray:
    rng = np.random.default_rng(scene.seed)
    level = SPEECH_DBFS - scene.snr_db
    if scene.backdrop == "pink":
        return _int16(pink_noise(samples, level, rng))
    room = pink_noise(samples, _ROOM_DBFS, rng)
    if scene.backdrop in ("dishes", "music"):
        sound = dishes(samples, rng) if scene.backdrop == "dishes" else music(samples, rng)
        return _int16(room + at_level(sound, level))
    talk = np.zeros(samples)
    for line in scene.others:
        pcm = _speak(line).pcm.astype(np.float64)
        around = np.tile(pcm, -(-samples // len(pcm)) + 1)
        begin = int(rng.integers(len(pcm)))
        talk += around[begin : begin + samples]
    if scene.backdrop == "television":
        from scipy.signal import butter, sosfilt

        talk = sosfilt(butter(2, (250, 4_000), "bandpass", fs=RATE_HZ, output="sos"), talk)
    return _int16(room + (at_level(talk, level) if talk.any() else 0.0))


def _int16(signal: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(signal), -32_768, 32_767).astype(np.int16))
