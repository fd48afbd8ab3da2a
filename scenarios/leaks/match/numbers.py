"""Finds known numbers that are written with separators, over line ends and table cells where the layout allows it.

The digits of a number may stand apart in two ways. In its usual groups ("541 555 0187", "4539 5787 6362 1486") they may
stand in neighbouring cells, columns and lines. In other groups they must stand close together, and the whole run must
be the number, because part of a longer row of numbers is not the number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import accumulate, pairwise

import numpy as np
import phonenumbers

from scenarios.leaks.decode.signals import BULK, merged
from scenarios.leaks.needles.forms import Keys
from scenarios.leaks.needles.needle import Needle

_GROUPS = re.compile(r"[0-9]+")
# Groups of digits with anything narrow between them; lists (commas, colons, brackets) stay apart.
_CLOSE = re.compile(r"[0-9](?:[^\w,;:\"'{}\[\]<>&=|\t\r\n]{0,3}[0-9]){6,}")
# Groups of digits with cells, columns, a line end or a list's signs between them.
_GAP = r"[ \t\r\n\xa0()\[\]_.,;|\-/\u2010-\u2015]{1,60}"
_WIDE = re.compile(rf"[+0-9](?<![0-9.].)[0-9]{{0,7}}(?:{_GAP}[0-9]{{2,12}}){{1,5}}(?![0-9]|[.,][0-9])", re.DOTALL)
_WIDE_GAP = re.compile(r"[\r\n\t,;|_\]]|\s{4}")
_AROUND, _APART = 120, "\n:\n"
_PREFIX = re.compile(rb"[0-9][^0-9]{0,9}\(0\)[^0-9]{0,9}[0-9]")
_ZERO = 48
_FIRST = 6  # digits; no known number has fewer
_UNBROKEN = 9  # digits from which a number is also looked for backwards, unbroken or in its usual groups
_LEAST_LOOSE = 9  # digits a number must have to stand in unusual groups
# Of every such number the library makes these groups: half a million of them would take it a minute.
_AMERICAN = re.compile(r"\+1([2-9][0-9]{2})([0-9]{3})([0-9]{4})")
_DIALLED = ("", "0", "00", "1", "01", "001")
_SHAPES: Mapping[str, Sequence[Sequence[int]]] = {
    "card": ((4, 4, 4, 4), (8, 8), (4, 6, 5), (4, 4, 4, 4, 3)),
    "ssn": ((3, 2, 4),),
    "national id": ((3, 2, 4), (3, 3, 3), (3, 3, 3, 2), (4, 4, 4), (2, 3, 3, 3), (3, 3, 4)),
}


class Digits:
    """Knows numbers by their digits. `keys` come from `in_digits`; some of them are backwards."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._sizes = sorted({len(key) for key in keys})
        self._grouped: dict[str, str] = {}  # groups with spaces between them, which take less room than tuples
        begins, counts = set(), set()
        for key, needles in keys.items():
            for needle, how in needles:
                if how and needle.field.endswith("phones"):
                    continue  # what is backwards has no usual groups
                for groups in usual_groups(key, needle):
                    self._grouped[" ".join(groups)] = key
                    begins.add(" ".join(groups[:2]))
                    counts.add(len(groups))
        self._beginnings = {key[:_FIRST] for key in keys}
        self._begins_so = np.zeros(10**_FIRST, np.bool_)
        self._begins_so[[int(begin) for begin in self._beginnings if len(begin) == _FIRST]] = True
        self._begins, self._counts = begins, sorted(counts)

    def search(self, folded: str, *, turned: bool = False) -> Iterator[tuple[Needle, str]]:
        """Yield (needle, how) of every known number in a folded text.

        `turned` says that the text was read backwards. There a number with spaces in it counts only behind a bracket or
        a plus, because three table cells read backwards are no number.
        """
        if not self._keys:
            return
        if len(folded) >= BULK:
            # What stands between is no digit that belongs to either side.
            folded = _APART.join(self._windows(folded.encode("utf-8", "replace")))
        for candidate in _CLOSE.finditer(folded):
            if not self._could_be(candidate[0]):
                continue
            if turned and " " in candidate[0]:
                # Three cells read backwards are no number; a bracket or a plus before it says that it is one.
                if folded[candidate.start() - 1 : candidate.start()] in ("(", "+"):
                    yield from self._found(self._usual(_GROUPS.findall(candidate[0])))
            else:
                yield from self._found(self._close(candidate[0]))
        if not turned and _WIDE_GAP.search(folded):
            for candidate in _WIDE.finditer(folded):
                if self._could_be(candidate[0]) and _WIDE_GAP.search(candidate[0]):
                    yield from self._found(self._usual(_GROUPS.findall(candidate[0])))

    def _windows(self, data: bytes) -> Iterator[str]:
        """Yield the parts of the text that hold the digits of a known number, with anything between them.

        A national prefix in brackets, "(0)", may stand inside a number, so the text around each one is kept as well.
        """
        codes = np.frombuffer(data, np.uint8)
        places = np.flatnonzero((codes >= _ZERO) & (codes < _ZERO + 10))
        spans = [(match.start() - _AROUND, match.end() + _AROUND) for match in _PREFIX.finditer(data)]
        size = len(places) - _FIRST + 1
        if size > 0:
            stream = codes[places]
            number = np.zeros(size, np.int64)
            for at in range(_FIRST):
                number = number * 10 + (stream[at : at + size] - np.uint8(_ZERO))
            digits = stream.tobytes().decode()
            for at in np.flatnonzero(self._begins_so[number]).tolist():
                for length in self._sizes:
                    last = at + length - 1
                    if last < len(places) and digits[at : last + 1] in self._keys:
                        spans.append((int(places[at]) - _AROUND, int(places[last]) + _AROUND))
        for begin, end in merged(sorted(spans), data) if spans else ():
            yield data[begin:end].decode("utf-8", "replace")

    def _could_be(self, text: str) -> bool:
        """Return whether the digits hold the beginning of a known number. Nearly no text does."""
        if "(0)" in text:
            return True
        digits = "".join(_GROUPS.findall(text))
        beginnings = self._beginnings
        return any(digits[at : at + _FIRST] in beginnings for at in range(len(digits) - _FIRST + 1))

    def _found(self, keys: Iterable[str]) -> Iterator[tuple[Needle, str]]:
        for key in keys:
            yield from self._keys.get(key, ())

    def _close(self, text: str) -> Iterator[str]:
        groups = _GROUPS.findall(text.replace("(0)", " "))
        for group in groups:
            yield from self._unbroken(group)
        if len(groups) > 1:
            yield from self._usual(groups)
            yield from self._alone(groups, spaced=" " in text)

    def _unbroken(self, group: str) -> Iterator[str]:
        for dialled in _DIALLED:
            if group.startswith(dialled) and len(group) - len(dialled) in self._sizes:
                yield group[len(dialled) :]
        # Filled up with zeros, or dialled as in Hungary, Russia and their neighbours.
        if group.startswith(("000", "06", "8")):
            yield group.lstrip("0") if group.startswith("000") else group.removeprefix("06").removeprefix("8")

    def _usual(self, groups: Sequence[str]) -> Iterator[str]:
        """Yield the known numbers whose usual groups stand one after the other."""
        for at, begin in enumerate(pairwise(groups)):
            if " ".join(begin) in self._begins:
                for count in self._counts:
                    key = self._grouped.get(" ".join(groups[at : at + count]))
                    if key is not None:
                        yield key

    def _alone(self, groups: Sequence[str], *, spaced: bool) -> Iterator[str]:
        """Yield the number that the whole run makes, in any groups. A number read backwards must not hold spaces."""
        digits = "".join(groups)
        for dialled in _DIALLED:
            if digits.startswith(dialled) and len(digits) - len(dialled) >= _LEAST_LOOSE:
                key = digits[len(dialled) :]
                if not spaced or any(not how for _, how in self._keys.get(key, ())):
                    yield key


def usual_groups(key: str, needle: Needle) -> set[tuple[str, ...]]:
    """Return the groups in which people write a number. A number without usual groups is written in fours or threes."""
    if needle.field.endswith("phones"):
        shapes = _phone_groups(needle.value, key) if key in needle.value else set()
    else:
        shapes = {
            tuple([key[begin:end] for begin, end in places]) for places in _places_of(needle.label.strip(), len(key))
        }
    # A group of one digit stands everywhere.
    return {shape for shape in shapes if len(shape) > 1}


@cache
def _places_of(kind: str, length: int) -> Sequence[Sequence[tuple[int, int]]]:
    """Return where the groups of a number of this kind and length begin and end, for each way to write it."""
    sizes = list(_SHAPES.get(kind, ()))
    if length > _UNBROKEN:
        sizes += [[each] * (length // each) + ([length % each] if length % each else []) for each in (4, 3)]
    return [list(pairwise(accumulate(each, initial=0))) for each in sizes if sum(each) == length]


def _phone_groups(value: str, key: str) -> set[tuple[str, ...]]:
    joined = ((shape, "".join(shape)) for shape in _phone_shapes(value))
    return {shape for shape, digits in joined if digits.endswith(key) and digits.lstrip("0")}


@lru_cache(maxsize=8)
def _phone_shapes(value: str) -> frozenset[tuple[str, ...]]:
    """Return the groups of a phone's national and international form, also with the last two groups as one."""
    if american := _AMERICAN.fullmatch(value):
        area, exchange, line = american.groups()
        shapes = {("1", area, exchange, line), ("1", area, exchange + line)}
        return frozenset(shapes | {(area, exchange, line), (area, exchange + line)})
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return frozenset()
    formats = phonenumbers.PhoneNumberFormat
    shapes = set()
    for form in (formats.INTERNATIONAL, formats.NATIONAL):
        groups = tuple(_GROUPS.findall(phonenumbers.format_number(number, form)))
        shapes.add(groups)
        if groups[0].startswith("0"):
            shapes.add((groups[0].lstrip("0"), *groups[1:]))
        if len(groups) > 2:
            shapes.add((*groups[:-2], groups[-2] + groups[-1]))
    return frozenset(shapes)
