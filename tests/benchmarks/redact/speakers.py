"""Sayings that tell a secret, spoken by many voices in many rooms' noise, with the truth of every word."""

import re
from typing import NamedTuple

import numpy as np

from gateway.identities import Household
from gateway.sealed import Seal
from gateway.vault_door import SiteFacts
from gateway.vault_facts import Neighbours, site_facts
from simulator.households import make_identities
from simulator.scenes import Saying, Scene, Sound, render
from simulator.utterances import Word, fill, load_phrasebook
from simulator.voices import load_voices

_CLASS = re.compile(r"\{([a-z_]+)\}")
_SNR_DB = (30.0, 20.0, 15.0)


class Told(NamedTuple):
    """One recording: `kind` is the slot of the phrasebook its secret filled ("card"), or "" without a secret."""

    kind: str
    sound: Sound
    facts: SiteFacts
    voice: str


def tellings(count: int, seed: int = 5) -> list[Told]:
    """Recordings in which somebody tells a secret."""
    book = load_phrasebook()
    lines = [line for group in (book.wake, book.button) for part in group.values() for line in part]
    wanted = [line for line in [*lines, *book.background.telling] if _CLASS.search(line) and "{city}" not in line]
    return _spoken(wanted, count, seed)


def ordinary(count: int, seed: int = 6) -> list[Told]:
    """Recordings without a secret."""
    book = load_phrasebook()
    lines = [line for part in book.wake.values() for line in part if not _CLASS.search(line)]
    return _spoken([*lines, *book.background.plain], count, seed)


def _spoken(lines: list[str], count: int, seed: int) -> list[Told]:
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
        scene = Scene(
            sayings=(Saying(voice=voice, words=said),),
            backdrop="pink",
            snr_db=_SNR_DB[len(told) % len(_SNR_DB)],
            seed=len(told),
        )
        kind = _CLASS.search(line)
        facts = site_facts(home, home.devices[0], seal, near)
        told.append(Told(kind[1] if kind else "", render(scene), facts, voice.name))
    return told
