"""The blind contact check: does the name that a reviewer heard match a contact? The number of tries is bounded.

Two names match in three cases. They are the same after folding case and accents. They are at most one letter apart
(Damerau-Levenshtein) from 4 letters, or two from 7. They have the same Metaphone key and are at most three letters
apart. The contact's whole name counts, and each of its parts.

Nothing is counted by household. A refusal follows from earlier answers to the same person. It tells neither whose clip
it is nor that two clips belong together. On one clip a reviewer may ask for one name, in several spellings.
"""

import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

import jellyfish
import msgspec

from gateway.contract.model import ContactCheck
from gateway.vault.journal import Tried, VaultJournal
from gateway.vault.messages import TriesUsedUp

_LEAST_LETTERS = 2
_MOST_WORDS = 3
_CLOSE = ((7, 2), (4, 1))  # from this many letters, this many edits
_ALIKE_EDITS = 3
_MONTH_DAYS = 30
_LONG_SOUND = 4


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `household` is the vault's label. It serves to forget the household and is never counted."""

    reviewer: str
    clip: str
    household: str
    heard: str


class Tries:
    """Counts questions by clip and by reviewer. `memory` survives a restart, so a restart gives no new tries."""

    def __init__(self, rules: ContactCheck, now: Callable[[], datetime], memory: VaultJournal) -> None:
        self._rules, self._now, self._memory = rules, now, memory
        self._lock = threading.Lock()

    def take(self, asked: Asked, names: Iterable[str]) -> bool:
        """The answer to one question. It is stored before it is told. Raises TriesUsedUp, and then counts nothing."""
        with self._lock:
            today = self._now().date()
            sound = _sound(asked.heard)
            known = [record for record in self._memory.records() if isinstance(record, Tried)]
            if not _may_ask(self._rules, known, asked, sound, today):
                raise TriesUsedUp
            match = matches(asked.heard, names)
            self._memory.add(
                Tried(
                    clip=asked.clip,
                    household=asked.household,
                    day=today.isoformat(),
                    reviewer=asked.reviewer,
                    sound=sound,
                    missed=not match,
                )
            )
        return match


def _may_ask(rules: ContactCheck, known: Sequence[Tried], asked: Asked, sound: str, today: date) -> bool:
    of_clip = [record for record in known if record.clip == asked.clip]
    mine = [record for record in known if record.reviewer == asked.reviewer]
    since = (today - timedelta(days=_MONTH_DAYS - 1)).isoformat()
    month = [record for record in mine if record.day >= since]
    day = [record for record in month if record.day == today.isoformat()]
    counts = (
        (len(of_clip), rules.tries_per_clip),
        (len(mine), rules.tries_ever),
        (len(month), rules.tries_per_month),
        (len(day), rules.tries_per_day),
        (sum(record.missed for record in month), rules.misses_per_month),
        (sum(record.missed for record in day), rules.misses_per_day),
    )
    same_name = all(_one_name(sound, record.sound) for record in of_clip if record.reviewer == asked.reviewer)
    return same_name and all(count < limit for count, limit in counts)


def _sound(heard: str) -> str:
    """The part of the asked name that is stored: its Metaphone key, not its spelling."""
    return jellyfish.metaphone("".join(_folded(heard)))


def _one_name(sound: str, other: str) -> bool:
    close = min(len(sound), len(other)) >= _LONG_SOUND and jellyfish.damerau_levenshtein_distance(sound, other) <= 1
    return sound == other or close


def matches(heard: str, names: Iterable[str]) -> bool:
    """Whether `heard` matches one of `names`. Every name is compared, also after a match."""
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
