"""Speech and phonemes by espeak-ng through ctypes."""

import ctypes
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import espeakng_loader
import msgspec
import numpy as np

from simulator.sound.timed_speech import Speech, SpeechError, TimedWord
from simulator.sound.voices import Voice

_ESPEAK_HZ = 22_050
_UP, _DOWN = 320, 441  # 22,050 Hz -> 16,000 Hz
_SYNCHRONOUS_RETRIEVAL = 2
_PHONEME_EVENTS, _DO_NOT_EXIT = 0x0001, 0x8000
_RATE, _PITCH = 1, 3  # espeak_PARAMETER
_END_OF_LIST, _WORD, _PHONEME = 0, 1, 7  # espeak_EVENT_TYPE
_UTF8, _IPA = 1, 0x02

_one_at_a_time = threading.Lock()  # the library keeps its state in statics


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # in characters, from 1
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("phoneme", ctypes.c_char * 8),  # a union in C; pointers make it 8 bytes wide
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Heard(msgspec.Struct, kw_only=True):
    """The synthesiser's output: blocks of PCM, (text position, sample) of words, samples of phonemes."""

    blocks: list[bytes] = []
    words: list[tuple[int, int]] = []
    phonemes: list[tuple[int, bool]] = []  # sample, is it a pause


def say(text: str, voice: Voice) -> Speech:
    """Speak `text`. The same text and voice always give the same samples.

    Words that the synthesiser joins ("of the") share their time by their number of letters.

    Raises:
        SpeechError: no synthesiser, or an unknown voice.
    """
    from scipy.signal import resample_poly  # a second of processor time, which a command without sound does not pay

    heard = _Heard()
    with _one_at_a_time, _library(heard) as library:
        name = f"{voice.accent}+{voice.variant}"
        # an unknown variant would be spoken in the accent's plain voice
        variant = Path(espeakng_loader.get_data_path()) / "voices" / "!v" / voice.variant
        if not variant.is_file() or library.espeak_SetVoiceByName(name.encode()) != 0:
            raise SpeechError(f"voice {voice.name}: espeak-ng has no {name}")
        library.espeak_SetParameter(_RATE, voice.rate_wpm, 0)
        library.espeak_SetParameter(_PITCH, voice.pitch, 0)
        line = text.encode()
        if library.espeak_Synth(line, len(line) + 1, 0, 1, 0, _UTF8, None, None) != 0:
            raise SpeechError("espeak-ng refused to speak")
    spoken = np.frombuffer(b"".join(heard.blocks), np.int16)
    pcm = resample_poly(spoken.astype(np.float64), _UP, _DOWN)
    words = _words(text, heard, len(spoken))
    return Speech(pcm=np.clip(np.rint(pcm), -32_768, 32_767).astype(np.int16), words=words)


def phonemes(texts: Sequence[str], accent: str) -> list[str]:
    """What espeak-ng would say for each of `texts`, in IPA with stress marks. Spaces stand between words.

    Raises:
        SpeechError: no synthesiser, or no such accent.
    """
    with _one_at_a_time, _library(_Heard()) as library:
        if library.espeak_SetVoiceByName(accent.encode()) != 0:
            raise SpeechError(f"espeak-ng has no {accent}")
        translate = library.espeak_TextToPhonemes
        translate.restype, translate.argtypes = ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        return [_translated(translate, text) for text in texts]


def _translated(translate: Callable[..., bytes | None], text: str) -> str:
    """The library translates one clause at a time, and moves the pointer behind it."""
    line = ctypes.create_string_buffer(text.encode())
    rest, clauses = ctypes.c_void_p(ctypes.addressof(line)), list[str]()
    while rest.value:
        clauses.append((translate(ctypes.byref(rest), _UTF8, _IPA) or b"").decode())
    return " ".join(" ".join(clauses).split())


@contextmanager
def _library(heard: _Heard) -> Iterator[ctypes.CDLL]:
    """Load a fresh copy of the library, because its static variables would change the next utterance.

    Loading costs a quarter of a millisecond.
    """
    data = espeakng_loader.get_data_path()
    try:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
    except OSError as error:
        raise SpeechError(f"espeak-ng cannot be loaded: {error}") from None

    def hear(wave: "ctypes._Pointer[ctypes.c_short]", samples: int, events: "ctypes._Pointer[_Event]") -> int:
        if samples > 0:
            heard.blocks.append(ctypes.string_at(wave, samples * 2))
        at = 0
        while events[at].type != _END_OF_LIST:
            event = events[at]
            if event.type == _WORD:
                heard.words.append((event.text_position - 1, event.sample))
            elif event.type == _PHONEME:
                heard.phonemes.append((event.sample, event.phoneme.startswith(b"_")))
            at += 1
        return 0

    callback = _Callback(hear)
    try:
        rate = library.espeak_Initialize(_SYNCHRONOUS_RETRIEVAL, 0, data.encode(), _PHONEME_EVENTS | _DO_NOT_EXIT)
        if rate != _ESPEAK_HZ:
            raise SpeechError(f"espeak-ng did not start ({rate}); its data path has {len(data)} characters")
        library.espeak_SetSynthCallback(callback)
        library.espeak_ng_SetRandSeed(ctypes.c_long(1))  # breath is noise, else seeded by the time of day
        ctypes.CDLL(None).srand(1)  # and a rough voice draws from the C library's generator
        yield library
    finally:
        library.espeak_Terminate()
        unload = ctypes.CDLL(None).dlclose
        unload.argtypes = [ctypes.c_void_p]
        unload(library._handle)


def _words(text: str, heard: _Heard, length: int) -> tuple[TimedWord, ...]:
    """One TimedWord per whitespace-separated word; samples at 16 kHz, pauses left out."""
    starts = _places(text)
    first_sample: dict[int, int] = {}
    for position, sample in heard.words:
        at = max((n for n, (start, _) in enumerate(starts) if start <= position), default=0)
        first_sample.setdefault(at, sample)
    if 0 not in first_sample:
        raise SpeechError("espeak-ng did not say when the first word begins")
    timed: list[TimedWord] = []
    spoken = sorted(first_sample)
    for here, following in zip(spoken, [*spoken[1:], len(starts)], strict=True):
        until = first_sample[following] if following < len(starts) else length
        begin = first_sample[here]
        pause = min((at for at, silent in heard.phonemes if silent and begin < at < until), default=until)
        timed += _share([starts[n][1] for n in range(here, following)], begin, pause)
    return tuple(timed)


def _share(words: list[str], begin: int, until: int) -> list[TimedWord]:
    ends = np.cumsum([len(word) for word in words]) / sum(len(word) for word in words)
    edges = [begin, *(begin + int(end * (until - begin)) for end in ends[:-1]), until]
    return [
        TimedWord(text=word, start=edges[n] * _UP // _DOWN, end=edges[n + 1] * _UP // _DOWN)
        for n, word in enumerate(words)
    ]


def _places(text: str) -> list[tuple[int, str]]:
    found, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        found.append((at, word))
        at += len(word)
    return found
