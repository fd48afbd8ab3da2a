"""Finds identifiers that count up. Whoever holds one record's address can guess the next one's."""

import re
from collections.abc import Sequence

_NUMBERED = re.compile(rb"[\"'/=](?:[a-z]+[-_/])?([0-9]{1,12})[\"'?&<]")
_LEAST = 4
_STEP = 3


def guessable(bodies: Sequence[bytes]) -> tuple[int, ...]:
    """Return the longest run of addresses or ids in which each number is a little larger than the one before.

    Page numbers are few. Four and more in a row are records.
    """
    best: tuple[int, ...] = ()
    for body in bodies:
        numbers = [int(found) for found in dict.fromkeys(_NUMBERED.findall(body))]
        run: list[int] = []
        for number in numbers:
            run = [*run, number] if run and 0 < number - run[-1] <= _STEP else [number]
            if len(run) > max(len(best), _LEAST - 1):
                best = tuple(run)
    return best
