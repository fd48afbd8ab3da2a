"""Makes the grid cells around very many places at once (numpy): beginnings of geohashes and of S2 cells.

`grids` reads such cells out of texts. For one place after the other the libraries take longer than all other loading.
"""

import numpy as np
import numpy.typing as npt

Degrees = npt.NDArray[np.float64]
_Codes = npt.NDArray[np.int64]

PREFIX = 6  # letters of a geohash; cells of 1.2 km
S2_LEVELS = 12  # of an S2 cell's beginning; cells of two kilometres
S2_SHIFT = 64 - 3 - 2 * S2_LEVELS  # bits behind face and levels
GEOHASH_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
_LETTERS = np.frombuffer(GEOHASH_ALPHABET.encode(), np.uint8)
# The Hilbert curve in a cell of each orientation: place of each quarter (i, j) on it, and how it is turned there.
_PLACE = np.array([[0, 1, 3, 2], [0, 3, 1, 2], [2, 3, 1, 0], [2, 1, 3, 0]])
_TURNED = np.array([1, 0, 0, 3])


def around(latitudes: Degrees, longitudes: Degrees, reach: float) -> tuple[Degrees, Degrees]:
    """Return each place and its eight neighbours at `reach` degrees, one after the other."""
    steps = np.array([-reach, 0.0, reach])
    up, right = (each.ravel() for each in np.meshgrid(steps, steps, indexing="ij"))
    return (latitudes[:, None] + up).ravel(), (longitudes[:, None] + right).ravel()


def geohashes(latitudes: Degrees, longitudes: Degrees) -> set[str]:
    """Return the geohashes of `PREFIX` letters at these places (Niemeyer: bits of longitude and latitude in turn)."""
    half = 5 * PREFIX // 2
    x = ((longitudes + 180) / 360 * 2**half).astype(np.int64)
    y = ((latitudes + 90) / 180 * 2**half).astype(np.int64)
    number = np.zeros(len(x), np.int64)
    for at in range(half - 1, -1, -1):
        number = number << 2 | (x >> at & 1) << 1 | (y >> at & 1)
    shifts = np.arange(5 * (PREFIX - 1), -1, -5)
    letters = _LETTERS[np.unique(number)[:, None] >> shifts & 31]
    text = letters.tobytes().decode()
    return {text[at : at + PREFIX] for at in range(0, len(text), PREFIX)}


def s2_beginnings(latitudes: Degrees, longitudes: Degrees) -> set[int]:
    """Return how the S2 cells at these places begin: three bits of face, then two a level (S2 Geometry, cell ids)."""
    north, east = np.radians(np.clip(latitudes, -90.0, 90.0)), np.radians(longitudes)
    point = np.stack([np.cos(east) * np.cos(north), np.sin(east) * np.cos(north), np.sin(north)])
    axis = np.abs(point).argmax(axis=0)
    each = np.arange(len(axis))
    face = axis + 3 * (point[axis, each] < 0)
    u = point[1 - (face + 1 >> 1), each] / point[axis, each] * np.where(np.isin(face, (1, 2, 5)), -1, 1)
    v = point[2 - (face >> 1), each] / point[axis, each] * np.where(np.isin(face, (2, 4, 5)), -1, 1)
    i, j = _of_side(u), _of_side(v)
    number, orientation = face.astype(np.int64), face & 1
    for at in range(S2_LEVELS - 1, -1, -1):
        place = _PLACE[orientation, (i >> at & 1) << 1 | (j >> at & 1)]
        number = number << 2 | place
        orientation = orientation ^ _TURNED[place]
    return set(np.unique(number).tolist())


def _of_side(along: Degrees) -> _Codes:
    """Return which of the 2^12 rows of a face a place lies in: the quadratic projection, which makes cells alike."""
    share = np.where(along >= 0, 0.5 * np.sqrt(1 + 3 * np.abs(along)), 1 - 0.5 * np.sqrt(1 + 3 * np.abs(along)))
    return np.asarray(np.clip(np.floor(share * 2**S2_LEVELS), 0, 2**S2_LEVELS - 1), np.int64)
