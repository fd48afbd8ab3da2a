"""Finds homes that several common values together point at.

A given name, a family name, a town, a street's name, a postal code or the last digits of a phone are too common to be
needles. Two of them of one home within a hundred characters are a low finding, three that fit one home only are a
medium one. Each finding says how many homes of the file fit. How many homes share a single value does not matter.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from gateway.identities import Household, Identities, Member
from scenarios.leaks.needles.literals import digits_of, literals, words_of
from scenarios.leaks.needles.names import full_name, is_unspaced, parts_of
from scenarios.leaks.needles.needle import Needle
from scenarios.leaks.needles.streets import Street

_WINDOW = 100  # bytes of the words view
_TAIL = 4  # last digits of a phone
_MOST = 20  # homes; what fits more is no conjunction that points at anybody
_SURE = 3  # kinds of values
_SHORTEST = 3
_NUMBER = re.compile(rb"(?<= )[0-9]{4,10}(?= )")
_PERSON = frozenset({"given name", "family name"})


class _Value(msgspec.Struct, frozen=True):
    kind: str
    home: int
    needle: Needle | None  # of the person, where it is a name


class Conjunctions:
    """Searches for pairs and triples of common values. An instance must not be used by two threads at once."""

    def __init__(self, identities: Identities, *, plain: bool = False) -> None:
        self._values: dict[str, list[_Value]] = {}
        self._numbers: list[dict[str, str]] = []
        for at, home in enumerate(identities.households):
            for word, value in _values(at, home):
                self._values.setdefault(word, []).append(value)
            self._numbers.append(dict(_numbers(home)))
        self._literals = literals([f" {word} " for word in self._values], plain=plain)

    def search(self, words: bytes, *, known: frozenset[str] = frozenset()) -> Iterator[tuple[Needle, str]]:
        """Yield (needle, which values) for every home, except those that are `known` to be named in this text."""
        data = b" " + words + b" "
        hits = sorted((start, end, key.strip()) for key, start, end in self._literals.search(data))
        if not hits:
            return
        starts = [start for start, _, _ in hits]
        told: set[tuple[str, str]] = set()
        for start, end, word in hits:
            first, last = bisect_left(starts, start - _WINDOW), bisect_right(starts, end + _WINDOW)
            near = {other for _, _, other in hits[first:last]} - {word}
            numbers = _NUMBER.findall(data[max(0, start - _WINDOW) : end + _WINDOW])
            if not near and not numbers:
                continue
            for needle, kinds, homes in self._together(word, near, [number.decode() for number in numbers]):
                if needle.household_id in known or (needle.household_id, needle.value) in told:
                    continue
                told.add((needle.household_id, needle.value))
                yield needle, f"{' + '.join(sorted(kinds))} ({homes} homes of the file fit)"

    def _together(
        self, word: str, near: set[str], numbers: Sequence[str]
    ) -> Iterator[tuple[Needle, frozenset[str], int]]:
        """Yield (needle, kinds of values, homes that fit) for each person called `word` of whose home something else
        stands near.
        """
        beside: dict[int, set[str]] = {}
        for other in near:
            for value in self._values[other]:
                beside.setdefault(value.home, set()).add(value.kind)
        found = []
        for value in self._values[word]:
            if value.needle is None:
                continue
            kinds = {value.kind} | beside.get(value.home, set())
            for number in numbers:
                kinds |= {
                    self._numbers[value.home][end] for end in _endings(number) if end in self._numbers[value.home]
                }
            # A name by itself is recognised, or not, where names are.
            if len(kinds) > 1 and not kinds <= _PERSON:
                found.append((value.needle, frozenset(kinds)))
        homes = len({needle.household_id for needle, _ in found})
        if homes <= _MOST:
            for needle, which in found:
                sure = len(which) >= _SURE and homes == 1
                yield msgspec.structs.replace(needle, told="medium" if sure else "low"), which, homes


def _endings(number: str) -> set[str]:
    """Return the number as it is, for a postal code, and its last digits, for a phone."""
    return {number, number[-_TAIL:]}


def _values(at: int, home: Household) -> Iterator[tuple[str, _Value]]:
    for group, people in (("members", home.members), ("contacts", home.contacts)):
        for person in people:
            given, family = parts_of(person)
            name = full_name(person.name, given, family)
            if not name or is_unspaced(name):
                continue
            words = words_of(name).split()
            if not words:  # signs alone
                continue
            field = f"{group}.given_name" if group == "members" else "contacts.name"
            needle = Needle(
                family="words", key=words[0], value=given or name, field=field, household_id=home.household_id,
                person_id=person.person_id if isinstance(person, Member) else None,
            )  # fmt: skip
            if len(words[0]) >= _SHORTEST:
                yield words[0], _Value("given name", at, needle)
            if len(words) > 1 and len(words[-1]) >= _SHORTEST and group == "members":
                yield words[-1], _Value("family name", at, needle)
    for place in (home.home, *home.homes, *home.work):
        if place and place.city and len(words_of(place.city)) >= _SHORTEST:
            yield words_of(place.city), _Value("town", at, None)
        if place and place.street and not is_unspaced(place.street):
            name = " ".join(Street(place.street).words)
            if " " in name or len(name) > 2 * _SHORTEST:
                yield name, _Value("street", at, None)


def _numbers(home: Household) -> Iterator[tuple[str, str]]:
    for phone in (each for people in (home.members, home.contacts) for person in people for each in person.phones):
        yield digits_of(phone)[-_TAIL:], "phone's last digits"
    for place in (home.home, *home.homes, *home.work):
        code = digits_of(place.postal_code or "") if place else ""
        if len(code) > _TAIL:
            yield code, "postal code"
