"""The words of a text -> birth dates behind a word that says they are one: forms too short to be looked for alone.

Two-digit years, parts in fields of their own, seconds and milliseconds since 1970, days as spreadsheets count them.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import permutations

from gateway.identities import Identities
from scenarios.leaks.needles.dates import MONTHS, ORDINALS, date_needle
from scenarios.leaks.needles.literals import literals, words_of
from scenarios.leaks.needles.needle import Needle

_LABELS = (
    "birth bday dob born geboren geburts geb née né naissance nacimiento nacida nacido nascimento nascida nascido "
    "родил рожден urodz doğum 生年月日 出生 생년월일"
).split()
_WITHIN = frozenset({"birth", "geburts", "родил", "рожден", "urodz", "doğum", "生年月日", "出生", "생년월일"})
_WINDOW = 120  # bytes of the words view
_MOST = 12  # numbers of a window
_NUMBER = re.compile(r"([0-9]{1,13})(?:st|nd|rd|th)?(?:t[0-9]{2})?")
_EPOCH, _SHEETS, _DAY = date(1970, 1, 1), date(1899, 12, 30), 86_400
_MILLISECONDS = 10**10  # from here on a number counts no seconds
_LEAST_SECONDS = 10**6
_SERIALS = range(3_000, 60_000)


class Births:
    """Not for two threads at once."""

    def __init__(self, identities: Identities, *, plain: bool = False) -> None:
        self._known: dict[date, list[Needle]] = {}
        for home in identities.households:
            for member in home.members:
                if member.birth_date:
                    needle = date_needle(member.birth_date, home.household_id, member.person_id)
                    self._known.setdefault(member.birth_date, []).append(needle)
        self._short = {(day.year % 100, day.month, day.day): day for day in self._known}
        keys = [words_of(label) if label in _WITHIN else f" {words_of(label)} " for label in _LABELS]
        self._labels = literals(keys if self._known else [], plain=plain)

    def search(self, words: bytes) -> Iterator[Needle]:
        """Known dates that stand behind a label, each once."""
        if not self._known:
            return
        data = b" " + words + b" "
        told: set[date] = set()
        for _, _, end in self._labels.search(data):
            window = data[end : end + _WINDOW].decode("utf-8", "ignore").split()
            for day in self._dates(_numbers(window)):
                if day not in told:
                    told.add(day)
                    yield from self._known[day]

    def _dates(self, numbers: Sequence[int]) -> Iterator[date]:
        for number in numbers:
            yield from (day for day in _counted(number) if day in self._known)
        for at in range(len(numbers) - 2):
            for year, month, number in permutations(numbers[at : at + 3]):
                day = self._short.get((year % 100, month, number))
                if day and year in (day.year, day.year % 100):
                    yield day


def _numbers(words: Sequence[str]) -> list[int]:
    """Figures, months' names and ordinals, in their order."""
    found: list[int] = []
    for at, word in enumerate(words):
        said = ORDINALS.get(" ".join(words[at : at + 2])) or ORDINALS.get(word)
        if match := _NUMBER.fullmatch(word):
            found.append(int(match[1]))
        elif number := said or MONTHS.get(word):
            found.append(number)
    return found[:_MOST]


def _counted(number: int) -> Iterator[date]:
    """The days a number may count to. The words view has no minus: both signs are tried."""
    if number in _SERIALS:
        yield _SHEETS + timedelta(days=number)
    seconds = number // 1000 if number >= _MILLISECONDS else number
    if number >= _LEAST_SECONDS and abs(seconds) < 5 * 10**9:
        for signed in (seconds, -seconds):
            days, rest = divmod(signed, _DAY)
            yield _EPOCH + timedelta(days=days)
            if rest > _DAY // 2:  # midnight east of Greenwich
                yield _EPOCH + timedelta(days=days + 1)
