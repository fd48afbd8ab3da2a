"""Makes takes audible: the simulator's scenes, or another synthesiser's speech mixed as they are, through a channel."""

import functools

import numpy as np
from scipy.signal import resample_poly

from gateway.wire import RATE_HZ
from scenarios.wakewords.corpus import PLACES, Channel, Take, random_voice
from scenarios.wakewords.flite import say_flite
from scenarios.wakewords.talk import chat
from simulator.sound.noises import at_level, pink_noise, rms
from simulator.sound.rooms import Point, Room, hear_through, response
from simulator.sound.scenes import SPEECH_DBFS, Saying, Scene, Sound, render
from simulator.sound.voices import Voice
from simulator.world.utterances import Word

_OTHERS, _TAIL = 3, RATE_HZ * 480 // 1000
_BAND_HZ = (150.0, 500.0, 1_300.0, 3_000.0, 6_500.0)


def pcm_of(take: Take) -> np.ndarray:
    """The take as a microphone hears it: int16, 16 kHz. The same take gives the same samples.

    Raises:
        SpeechError: its voice cannot speak here.
    """
    pcm = _mixed(take) if take.source == "flite" else sound_of(take).pcm
    return _through(pcm, take.channel)


def sound_of(take: Take) -> Sound:
    """A take of the simulator's voices with the place of its words, before mouth and microphone changed it."""
    rng = np.random.default_rng(take.seed)
    wanted = _OTHERS if take.backdrop in ("television", "babble") else 0
    others = tuple(saying(chat(rng, take.phrase_split), random_voice(rng, take.voice_split)) for _ in range(wanted))
    room, talker = place(take.channel.place) if take.channel.place is not None else (None, None)
    return render(
        Scene(
            sayings=(saying(take.line, take.voice, place_m=talker),),
            backdrop=take.backdrop,
            snr_db=take.snr_db,
            others=others,
            pre_roll_ms=take.pre_roll_ms,
            room=room,
            seed=take.seed,
        )
    )


def saying(text: str, voice: Voice, *, gap_ms: int = 0, place_m: Point | None = None) -> Saying:
    words = tuple(Word(text=word) for word in text.split())
    return Saying(voice=voice, words=words, gap_ms=gap_ms, place_m=place_m)


@functools.cache
def place(number: int) -> tuple[Room, Point]:
    """One of PLACES rooms of openWakeWord's sizes (3.6-5.6 x 3.6-3.9 x 2.4-3.0 m, absorption .075-.4), the device
    by a wall and a talker 1 to 4 m from it."""
    rng = np.random.default_rng([number, PLACES])
    size = (float(rng.uniform(3.6, 5.6)), float(rng.uniform(3.6, 3.9)), float(rng.uniform(2.4, 3.0)))
    room = Room(size_m=size, absorption=float(rng.uniform(0.075, 0.4)), device_m=(size[0] / 2, 0.4, 0.9))
    return room, (float(rng.uniform(0.5, size[0] - 0.5)), float(rng.uniform(1.4, size[1] - 0.3)), 1.5)


def _mixed(take: Take) -> np.ndarray:
    """flite's speech at the level the simulator gives its own, over pink noise."""
    speech = say_flite(take.line, take.voice).astype(np.float64)
    if take.channel.place is not None:
        speech = hear_through(speech, response(*place(take.channel.place)))
    loud = speech[np.abs(speech) > 0.05 * np.abs(speech).max()]  # between the words lies nothing to measure
    speech = speech * (at_level(loud, SPEECH_DBFS)[0] / loud[0]) if rms(loud) else speech
    begin = take.pre_roll_ms * RATE_HZ // 1000
    heard = pink_noise(begin + len(speech) + _TAIL, SPEECH_DBFS - take.snr_db, np.random.default_rng(take.seed))
    heard[begin : begin + len(speech)] += speech
    return _int16(heard)


def _through(pcm: np.ndarray, channel: Channel) -> np.ndarray:
    """Another speed moves pitch and formants together, as a smaller or larger head does."""
    if channel.speed != 1.0:
        pcm = resample_poly(pcm.astype(np.float64), 100, round(100 * channel.speed))
    if channel.bands_db:
        pitch = np.log(np.maximum(np.fft.rfftfreq(len(pcm), 1 / RATE_HZ), 50.0))
        gain = 10 ** (np.interp(pitch, np.log(_BAND_HZ), channel.bands_db) / 20)
        pcm = np.fft.irfft(np.fft.rfft(pcm) * gain, len(pcm))
    return _int16(pcm)


def _int16(signal: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(signal), -32_768, 32_767).astype(np.int16))
