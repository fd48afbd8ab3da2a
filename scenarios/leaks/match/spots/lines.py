"""Finds points of lines on a map: encoded polylines, well-known binary of every kind, metres of Web Mercator.

Each point carries how exact it is.
"""

import math
import re
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# A latitude and a longitude of one degree and more take four to seven signs each. The last sign of each is below "_".
_POLYLINE = re.compile(r"[_-~](?<![?-~].)[_-~]{2,5}[?-^][_-~]{3,6}[?-^][?-~]*", re.DOTALL)
_FLEXIBLE = re.compile(r"(?<![A-Za-z0-9_-])B([FGH]|l[BC]|m[BC])([g-z0-9_-]{3,6}[A-Za-f][A-Za-z0-9_-]{4,})")
_FLEXIBLE_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ASCII = {chr(code): code - 63 for code in range(63, 127)}
_URL = {sign: at for at, sign in enumerate(_FLEXIBLE_SIGNS)}
_DECIMALS = (5, 6, 7)  # of the programs that write polylines
_MOST = 20_000  # points of one line
_STRIDE = 5.0  # degrees from one point to the next
_DEGREE_M = 111_320.0

_METRES = re.compile(
    r"(?<![\w.])(-?[0-9]{4,8}(?:\.[0-9]{1,15})?)(?=[^0-9-]{1,24}?(-?[0-9]{4,8}(?:\.[0-9]{1,15})?)(?![\w.]))"
)
_PROJECTED = re.compile(r"3857|102100|900913|[Mm]ercator")
_EARTH_RADIUS_M = 6_378_137.0  # of WGS 84, which EPSG:3857 takes for a sphere
_ROUND_M = 0.5

_WKB = re.compile(r"(0(?<![0-9A-Fa-f].)[01][0-9A-Fa-f]{40,})(?![0-9A-Fa-f])", re.DOTALL)
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000  # PostGIS' flags; ISO adds 1,000 for Z and 2,000 for M
_POINT, _LINE, _POLYGON, _COLLECTIONS = 1, 2, 3, (4, 5, 6, 7)


class Point(NamedTuple):
    """A point in degrees, exact to `step_m` metres."""

    notation: str
    latitude: float
    longitude: float
    step_m: float


def polylines(text: str) -> Iterator[Point]:
    """Yield the points of encoded polylines (Google's algorithm, with 5 to 7 decimals) and of HERE's flexible ones."""
    for match in _POLYLINE.finditer(text):
        values = _values(match[0], _ASCII)
        for decimals in _DECIMALS:
            yield from _walk(values, 2, decimals, "polyline")
    for match in _FLEXIBLE.finditer(text):
        (header,) = _values(match[1], _URL, signed=False) or [0]
        yield from _walk(_values(match[2], _URL), 3 if header >> 4 & 7 else 2, header & 15, "flexible polyline")


def _values(signs: str, alphabet: dict[str, int], *, signed: bool = True) -> list[int]:
    """Return whole numbers of five bits a sign, the lowest first. A sign of 32 and more says that more follow."""
    values, value, shift = [], 0, 0
    for sign in signs:
        bits = alphabet[sign]
        value |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            values.append((~(value >> 1) if value & 1 else value >> 1) if signed else value)
            value = shift = 0
        elif shift > 35:
            break
    return values


def _walk(values: Sequence[int], each: int, decimals: int, notation: str) -> Iterator[Point]:
    """Yield the points to which the steps lead, as long as they stay on the map and near each other."""
    unit, north, east = 10.0**-decimals, 0, 0
    for at in range(0, min(len(values) - 1, _MOST * each), each):
        north, east = north + values[at], east + values[at + 1]
        far = at > 0 and max(abs(values[at]), abs(values[at + 1])) * unit > _STRIDE
        if far or abs(north * unit) > 90 or abs(east * unit) > 180:
            return
        yield Point(notation, north * unit, east * unit, unit * _DEGREE_M / 2)


def projected(text: str) -> Iterator[Point]:
    """Yield pairs of metres of EPSG:3857 (Web Mercator), in either order. Both have decimals, or its name is near."""
    named = _PROJECTED.search(text) is not None
    for match in _METRES.finditer(text):
        if not named and not ("." in match[1] and "." in match[2]):
            continue
        for x, y in ((float(match[1]), float(match[2])), (float(match[2]), float(match[1]))):
            latitude = math.degrees(math.atan(math.sinh(y / _EARTH_RADIUS_M)))
            longitude = math.degrees(x / _EARTH_RADIUS_M)
            if abs(longitude) <= 180:
                yield Point("web mercator", latitude, longitude, _ROUND_M)


def binary(text: str) -> Iterator[Point]:
    """Yield the points of geometries in well-known binary (OGC 06-103r4, and PostGIS' with a reference system)."""
    for match in _WKB.finditer(text):
        data = bytes.fromhex(match[1][: len(match[1]) & ~1])
        try:
            for latitude, longitude in _geometry(data, 0, [])[0]:
                yield Point("wkb", latitude, longitude, 0.1)
        except struct.error:
            continue


Pairs = list[tuple[float, float]]


def _geometry(data: bytes, at: int, found: Pairs, depth: int = 0) -> tuple[Pairs, int]:
    """Return the points of the geometry at a place as (latitude, longitude), and where it ends."""
    order = "<" if data[at] == 1 else ">"
    (said,) = struct.unpack_from(f"{order}I", data, at + 1)
    at += 9 if said & _SRID else 5
    kind = said & 0xFFFF
    more = bool(said & _Z) + bool(said & _M) or (0, 1, 1, 2)[min(kind // 1000, 3)]
    kind %= 1000
    if kind == _POINT:
        return _run(data, at, 1, order, more, found)
    (count,) = struct.unpack_from(f"{order}I", data, at)
    at += 4
    if kind == _LINE:
        return _run(data, at, count, order, more, found)
    if kind == _POLYGON:
        for _ in range(min(count, _MOST)):
            (ring,) = struct.unpack_from(f"{order}I", data, at)
            found, at = _run(data, at + 4, ring, order, more, found)
    elif kind in _COLLECTIONS and depth < 4:
        for _ in range(min(count, _MOST)):
            found, at = _geometry(data, at, found, depth + 1)
    return found, at


def _run(data: bytes, at: int, count: int, order: str, more: int, found: Pairs) -> tuple[Pairs, int]:
    size = 16 + 8 * more
    for place in range(at, min(at + size * count, len(data) - 15), size):
        east, north = struct.unpack_from(f"{order}dd", data, place)
        if abs(north) <= 90 and abs(east) <= 180:
            found.append((north, east))
    return found, at + size * count
