"""Replaces something in a text, and gives the text around each change."""

import re
from collections.abc import Callable, Iterator

from scenarios.leaks.decode.packed.marks import Found

_NEAR = 300  # bytes kept around a change
_BETWEEN = b"\n;\n"  # no value goes on over it


def around(
    step: str, data: bytes, pattern: re.Pattern[bytes], plain: Callable[[re.Match[bytes]], bytes], *, reach: int = _NEAR
) -> Found:
    """Replace every match by what `plain` makes of it, and yield the text around each replacement, one line each."""
    found, last = [], 0
    for match in pattern.finditer(data):
        if match.start() >= last and plain(match) != match[0]:
            begin, last = max(0, match.start() - reach), min(len(data), match.end() + reach)
            found.append(pattern.sub(plain, data[begin:last]))
    if found:
        yield step, _BETWEEN.join(found)


def runs(pattern: re.Pattern[bytes], one: re.Pattern[bytes], data: bytes) -> Iterator[list[bytes]]:
    """Yield for each match of `pattern` what the first group of `one` has in it, again and again."""
    for match in pattern.finditer(data):
        yield one.findall(match[0])
