"""Every compiled function that others call, in one place. Importing it imports Numba."""

from scenarios.leaks.decode.kernels.beginnings import beginnings_in, begins_45, begins_91
from scenarios.leaks.decode.kernels.eighty_five import likely_85, opening_85, survey_85
from scenarios.leaks.decode.kernels.frames import framed_64, reading_64
from scenarios.leaks.decode.kernels.numbers import likely_numbers
from scenarios.leaks.decode.kernels.packings import sift
from scenarios.leaks.decode.kernels.spans import spans_of
from scenarios.leaks.decode.kernels.strings import measured_in

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
