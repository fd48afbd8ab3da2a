"""The blind contact check: does what a reviewer heard match a contact? Match or no match, in a bounded number of tries.

A match is: the same name after folding case and accents; or at most one letter apart (Damerau-Levenshtein) for names
of 4 to 6 letters, two from 7; or the same Metaphone key and at most three letters apart. Each of the contact's names
counts, and the whole. A guesser learns one bit a try, and has `tries_per_day` tries a household and day.
"""

import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

import jellyfish

from gateway.contract.model import ContactCheck
from gateway.vault.client import TriesUsedUp
from gateway.vault.journal import Tried, VaultJournal

_LEAST_LETTERS = 2
_MOST_WORDS = 3
_CLOSE = ((7, 2), (4, 1))  # from this many letters, this many edits
_ALIKE_EDITS = 3


class Tries:
    """Counts asks per clip and per household and day. `memory` outlives a restart, which refills nothing."""

    def __init__(self, rules: ContactCheck, now: Callable[[], datetime], memory: VaultJournal) -> None:
        self._rules, self._now, self._memory = rules, now, memory
        self._lock = threading.Lock()
        known = [record for record in memory.records() if isinstance(record, Tried)]
        self._clips = Counter(record.clip for record in known)
        self._days = Counter((record.household, record.day) for record in known)

    def take(self, clip: str, household: str) -> None:
        """One ask, remembered before anybody is answered. Raises TriesUsedUp, and then counts nothing."""
        with self._lock:
            day = self._now().date().isoformat()
            used_up = self._clips[clip] >= self._rules.tries_per_clip
            if used_up or self._days[household, day] >= self._rules.tries_per_day:
                raise TriesUsedUp
            self._memory.add(Tried(clip=clip, household=household, day=day))
            self._clips[clip] += 1
            self._days[household, day] += 1


def matches(heard: str, names: Iterable[str]) -> bool:
    """Whether `heard` is one of `names`, give or take a misspelling. Every name is compared, match or not."""
    said = _folded(heard)
    if sum(map(len, said)) < _LEAST_LETTERS or len(said) > _MOST_WORDS:
        return False
    found = False
    for name in names:
        parts = _folded(name)
        wanted = [[part] for part in parts] + ([parts] if len(parts) > 1 else [])
        found |= any(_alike("".join(said), "".join(each)) for each in wanted)
    return found


def _alike(said: str, name: str) -> bool:
    edits = jellyfish.damerau_levenshtein_distance(said, name)
    shorter = min(len(said), len(name))
    allowed = next((most for letters, most in _CLOSE if shorter >= letters), 0)
    sounds_same = shorter >= _CLOSE[-1][0] and jellyfish.metaphone(said) == jellyfish.metaphone(name)
    return edits <= allowed or (sounds_same and edits <= _ALIKE_EDITS)


def _folded(text: str) -> list[str]:
    """Words in lower case, letters only."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(ch for ch in plain if ch.isalpha() or ch.isspace())
    return letters.split()
