"""Every compiled function that others call, in one place. Importing it imports Numba."""

from scenarios.leaks.decode.kernels.eighty_five import likely_85, opening_85, survey_85
from scenarios.leaks.decode.kernels.packings import sift
from scenarios.leaks.decode.kernels.spans import spans_of

__all__ = ["likely_85", "opening_85", "sift", "spans_of", "survey_85"]
