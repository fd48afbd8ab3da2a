"""Sayings that tell a secret, by many voices, in noise and in rooms, with the truth of every word."""

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gateway.identities import Household
from gateway.vault.facts import Neighbours, site_facts
from gateway.vault.messages import SiteFacts
from gateway.vault.sealing import Seal
from simulator.sound.rooms import Point, Room, hear_through, response
from simulator.sound.scenes import Saying, Scene, Sound, render
from simulator.sound.speech import say
from simulator.sound.voices import load_voices
from simulator.world.households import make_identities
from simulator.world.truth import SpokenWord
from simulator.world.utterances import Word, fill, load_phrasebook

_CLASS = re.compile(r"\{([a-z_]+)\}")
_SNR_DB = (30.0, 20.0, 15.0)


class Told(NamedTuple):
    """One recording: `kind` is the slot of the phrasebook its secret filled ("card"), or "" without a secret.

    `alone` is the secret's own sound as it reached the microphone, echo and all, without anything else.
    """

    kind: str
    sound: Sound
    facts: SiteFacts
    voice: str
    alone: npt.NDArray[np.float64]

    @property
    def uttered(self) -> tuple[SpokenWord, ...]:
        """The words with each one's own end, without its echo."""
        return self.sound.uttered or self.sound.words


def tellings(count: int, seed: int = 5, absorption: float | None = None) -> list[Told]:
    """Recordings in which somebody tells a secret; with `absorption`, each in a room of its own size."""
    book = load_phrasebook()
    lines = [line for group in (book.wake, book.button) for part in group.values() for line in part]
    wanted = [line for line in [*lines, *book.background.telling] if _CLASS.search(line) and "{city}" not in line]
    return _spoken(wanted, count, seed, absorption)


def ordinary(count: int, seed: int = 6) -> list[Told]:
    """Recordings without a secret."""
    book = load_phrasebook()
    lines = [line for part in book.wake.values() for line in part if not _CLASS.search(line)]
    return _spoken([*lines, *book.background.plain], count, seed)


def _spoken(lines: list[str], count: int, seed: int, absorption: float | None = None) -> list[Told]:
    homes = make_identities(seed=seed, households=20)
    near, seal = Neighbours(homes), Seal(b"bench" * 8)
    rng, voices = np.random.default_rng(seed), load_voices("understood")
    told: list[Told] = []
    while len(told) < count:
        home: Household = homes.households[len(told) % 20]
        line = lines[int(rng.integers(len(lines)))]
        voice = voices[int(rng.integers(len(voices)))]
        said: tuple[Word, ...] | None = fill(line, home, home.members[0], rng)
        if not said:
            continue
        room, place = _room(absorption, len(told)) if absorption is not None else (None, None)
        saying = Saying(voice=voice, words=said, place_m=place)
        snr_db = _SNR_DB[len(told) % len(_SNR_DB)]
        sound = render(Scene(sayings=(saying,), backdrop="pink", snr_db=snr_db, seed=len(told), room=room))
        kind = _CLASS.search(line)
        facts = site_facts(home, home.devices[0], seal, near)
        told.append(Told(kind[1] if kind else "", sound, facts, voice.name, _alone(saying, room, sound)))
    return told


def _room(absorption: float, seed: int) -> tuple[Room, Point]:
    """A room within the sizes the wake engine was trained for, and where in it somebody stands."""
    rng = np.random.default_rng([seed, 77])
    size = (float(rng.uniform(3.6, 5.6)), float(rng.uniform(3.6, 3.9)), float(rng.uniform(2.4, 3.0)))
    stands = (float(rng.uniform(0.4, size[0] - 0.4)), float(rng.uniform(1.2, size[1] - 0.4)), 1.5)
    return Room(size_m=size, absorption=absorption, device_m=(size[0] / 2, 0.4, 0.9)), stands


def _alone(saying: Saying, room: Room | None, sound: Sound) -> npt.NDArray[np.float64]:
    """Through the same room, put where the recording has it and at its level (by least squares)."""
    speech = say(" ".join(word.text for word in saying.words), saying.voice)
    direct, pcm = 0, speech.pcm.astype(np.float64)
    secret = np.zeros_like(pcm)
    for word, timed in zip(saying.words, speech.words, strict=True):
        if word.secret is not None:
            secret[timed.start : timed.end] = pcm[timed.start : timed.end]
    if room is not None and saying.place_m is not None:
        heard = response(room, saying.place_m)
        direct, pcm, secret = heard.direct, hear_through(pcm, heard), hear_through(secret, heard)
    first = (sound.uttered or sound.words)[0].start - speech.words[0].start - direct
    whole = sound.pcm[first : first + len(pcm)].astype(np.float64)
    level = float(whole @ pcm[: len(whole)] / (pcm @ pcm))
    return np.pad(secret * level, (first, max(0, len(sound.pcm) - first - len(secret))))[: len(sound.pcm)]
