"""Every compiled function that others call, in one place. Importing it imports Numba, and compiles or loads them all.

So nothing is left to do when a search first calls one: the bounds on its time count the search alone.
"""

from typing import Any

import numba
import numpy as np

from scenarios.leaks.decode.kernels.beginnings import beginnings_in, begins_45, begins_91
from scenarios.leaks.decode.kernels.eighty_five import likely_85, opening_85, survey_85
from scenarios.leaks.decode.kernels.frames import framed_64, reading_64
from scenarios.leaks.decode.kernels.numbers import likely_numbers
from scenarios.leaks.decode.kernels.packings import sift
from scenarios.leaks.decode.kernels.spans import spans_of
from scenarios.leaks.decode.kernels.strings import measured_in

# Values of the types that each function is called with.
_TEXT = np.frombuffer(b"text", np.uint8)  # which is not written to
_BYTES, _NUMBERS, _WORDS, _MASK = (np.zeros(1, kind) for kind in (np.uint8, np.int64, np.uint32, np.bool_))
_RUNS = (_TEXT, _NUMBERS, _NUMBERS)  # with the start and the end, or the size, of each
_CALLED_WITH: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (beginnings_in, (*_RUNS, _MASK, 1, 1)),
    (begins_45, (*_RUNS, _NUMBERS, 1)),
    (begins_91, (*_RUNS, _NUMBERS, 1)),
    (framed_64, (*_RUNS, _BYTES)),
    (likely_85, (*_RUNS, _WORDS, _MASK, _MASK, _MASK)),
    (likely_numbers, (*_RUNS, _NUMBERS, 1, 1)),
    (measured_in, (*_RUNS, 1)),
    (opening_85, (*_RUNS, _WORDS)),
    (reading_64, (*_RUNS, _BYTES)),
    (sift, (*_RUNS, _BYTES, _BYTES, (1, 1, 1))),
    (spans_of, (_TEXT, 1, _MASK, 1)),
    (survey_85, (_TEXT, _WORDS, _MASK, _MASK)),
)
for _function, _values in _CALLED_WITH:
    _function.compile(tuple(map(numba.typeof, _values)))

__all__ = [
    "beginnings_in",
    "begins_45",
    "begins_91",
    "framed_64",
    "likely_85",
    "likely_numbers",
    "measured_in",
    "opening_85",
    "reading_64",
    "sift",
    "spans_of",
    "survey_85",
]
