"""Finds the runs of an alphabet's symbols (compiled)."""

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.kernels.heads import Bytes
from scenarios.leaks.decode.kernels.jit import jit

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@jit
def spans_of(codes: Bytes, size: int, members: Mask, least: int) -> tuple[Numbers, Numbers]:
    """Return the beginnings and ends of the runs of at least `least` symbols among the first `size` bytes."""
    starts, ends = np.empty(size // (least + 1) + 1, np.int64), np.empty(size // (least + 1) + 1, np.int64)
    count, begin = 0, -1
    for at in range(size):
        if members[codes[at]]:
            if begin < 0:
                begin = at
        elif begin >= 0:
            if at - begin >= least:
                starts[count], ends[count] = begin, at
                count += 1
            begin = -1
    if begin >= 0 and size - begin >= least:
        starts[count], ends[count] = begin, size
        count += 1
    return starts[:count].copy(), ends[:count].copy()
