"""Turns needles into the keys that are searched for: as they are, backwards, rotated, run together."""

import string
from collections.abc import Iterable, Iterator, Mapping

from scenarios.leaks.needles.needle import Needle

_TURNED = 8  # letters and digits from which a key is also looked for backwards and rotated: "leon" is "noel"
_RUN_TOGETHER = 10  # letters from which a name is also looked for without spaces
_PLAINLY = frozenset({"initials (possible)", "run together"})  # forms that are looked for as they are only

_LOWER = string.ascii_lowercase  # keys have no others
_ROT13 = str.maketrans(_LOWER, _LOWER[13:] + _LOWER[:13])

Keys = Mapping[str, list[tuple[Needle, str]]]  # key -> needles and what the form is called ("" for the plain one)
_Grouped = dict[str, list[tuple[Needle, str]]]


class Turning(Mapping[str, list[tuple[Needle, str]]]):
    """Keys, and the same keys backwards and rotated by thirteen. The turned ones are made when they are asked for, so
    that only the plain ones take room.
    """

    def __init__(self, plain: _Grouped) -> None:
        self._plain = plain

    def __getitem__(self, key: str) -> list[tuple[Needle, str]]:
        found = list(self._plain.get(key, ()))
        for how, turned in (("reversed", key[::-1]), ("rot13", key.translate(_ROT13))):
            if turned != key and _letters(key) >= _TURNED:
                found += [(needle, how) for needle, form in self._plain.get(turned, ()) if form not in _PLAINLY]
        if not found:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.forms())

    def __len__(self) -> int:
        return len(self.forms())

    def forms(self) -> list[str]:
        """Return every key. `list` would ask for the length first, and so make them twice."""
        plain = self._plain
        turning = [
            key
            for key, needles in plain.items()
            if len(key) - key.count(" ") >= _TURNED and any(form not in _PLAINLY for _, form in needles)
        ]
        # One text is translated at once: each key has its own line.
        rotated = "\n".join(turning).translate(_ROT13).split("\n") if turning else []
        found = list(plain)
        for key, other in zip(turning, rotated, strict=True):
            found += [turned for turned in (key[::-1], other) if turned not in plain]
        return found


def in_words(needles: Iterable[Needle]) -> Turning:
    """Return the keys of whole words, with a space at either end. Longer names stand also as one word
    ("rosalindquint").
    """
    grouped: _Grouped = {}
    for needle in needles:
        if needle.family == "words":
            _put(grouped, f" {needle.key} ", needle, "initials (possible)" if needle.possible else "")
            together = needle.key.replace(" ", "")
            if not needle.possible and needle.field.endswith(".name") and len(together) >= _RUN_TOGETHER:
                _put(grouped, f" {together} ", needle, "run together")
    return Turning(grouped)


def in_compact(needles: Iterable[Needle]) -> Turning:
    """Return the keys of ids, which are found anywhere once separators are removed."""
    grouped: _Grouped = {}
    for needle in needles:
        if needle.family == "id":
            _put(grouped, needle.key, needle, "")
    return Turning(grouped)


def in_digits(needles: Iterable[Needle]) -> Keys:
    grouped: _Grouped = {}
    for needle in needles:
        if needle.family == "digits":
            key = needle.key
            _put(grouped, key, needle, "")
            if len(key) > _TURNED and key != key[::-1]:
                _put(grouped, key[::-1], needle, "reversed")
    return grouped


def _letters(key: str) -> int:
    return len(key) - key.count(" ")


def _put(grouped: _Grouped, key: str, needle: Needle, how: str) -> None:
    known = grouped.get(key)
    if known is None:
        grouped[key] = [(needle, how)]
    else:
        known.append((needle, how))
