"""Finds points that are written as one cell of a grid: geohash, Plus code, map tile, UTM, MGRS, S2, H3.
`lines` finds those of geometries.

Each point carries half the width of its cell.
"""

import math
import re
from collections.abc import Callable, Iterator

import h3
import s2cell
import utm

from scenarios.leaks.match.spots.cells import GEOHASH_ALPHABET, PREFIX, S2_SHIFT
from scenarios.leaks.match.spots.lines import Point, binary, polylines, projected

_GEOHASH = re.compile(
    r"[0-9b-hjkmnp-zB-HJKMNP-Z](?<![0-9A-Za-z].)[0-9b-hjkmnp-zB-HJKMNP-Z]{6,11}(?![0-9A-Za-z])", re.DOTALL
)
_PLUS = re.compile(r"(?<![0-9A-Za-z])([23456789CFGHJMPQRVWX]{8})\+([23456789CFGHJMPQRVWX]{2,5})(?![0-9A-Za-z])", re.I)
_PLUS_ALPHABET = "23456789CFGHJMPQRVWX"
_TILE = re.compile(r"(?<![0-9])(1[5-9]|2[0-2])/([0-9]{4,7})/([0-9]{4,7})(?![0-9])")
_QUADKEY = re.compile(r"[0-3](?<![0-9].)[0-3]{14,22}(?![0-9])", re.DOTALL)  # of Bing's tiles
_UTM = re.compile(
    r"([0-9](?<![\w.].)[0-9]?)\s?([C-HJ-NP-X])(?:orth|outh)?[\s,;]{1,3}(?:E(?:asting)?[:=]?\s?)?0?([0-9]{6})(?:\.[0-9]+)?\s?"
    r"(?:m\s?)?E?[\s,;]{1,3}(?:N(?:orthing)?[:=]?\s?)?([0-9]{6,7})(?:\.[0-9]+)?\s?(?:m\s?)?N?(?![\w])",
    re.DOTALL,
)
_MGRS = re.compile(
    r"([0-9](?<![\w.].)[0-9]?)([C-HJ-NP-X])\s?([A-HJ-NP-Z])([A-HJ-NP-V])\s?([0-9]{3,5})\s?([0-9]{3,5})(?![\w])",
    re.DOTALL,
)
_S2 = re.compile(r"([0-9a-f](?<![0-9A-Za-z].)x?[0-9a-f]{7,16})(?![0-9A-Za-z])", re.DOTALL)
_S2_NUMBER = re.compile(r"([-0-9](?<![\w.].)[0-9]{17,19})(?![\w.])", re.DOTALL)
_H3 = re.compile(r"(8(?<![0-9A-Za-z].)[0-9a-f]{14})(?![0-9A-Za-z])", re.DOTALL)
_S2_LEAST_LEVEL = 13  # cells of about a kilometre
_H3_LEAST = 8
_WORLD_M = 40_075_017.0


def points(
    text: str,
    marks: frozenset[str],
    near: Callable[[str], bool] | None = None,
    near_cell: Callable[[int], bool] = lambda _: True,
) -> Iterator[Point]:
    """Yield every point in a text.

    Two look-ups drop words and hashes that only look like cells. `near` tells whether a geohash of six letters lies at
    a known place. `near_cell` tells it of the beginning of an S2 cell (see `cells`).
    """
    if "geohash" in marks:
        yield from _geohashes(text, near)
    if "plus code" in marks:
        for match in _PLUS.finditer(text):
            latitude, longitude, height = _plus_code((match[1] + match[2]).upper())
            yield Point("plus code", latitude, longitude, height * 111_320 / 2)
    if "tile" in marks:
        for match in _TILE.finditer(text):
            zoom, x, y = int(match[1]), int(match[2]), int(match[3])
            if x < 2**zoom and y < 2**zoom:
                yield Point("map tile", *_tile(zoom, x, y), _WORLD_M / 2**zoom / 2)
        for match in _QUADKEY.finditer(text):
            bits, zoom = [int(digit) for digit in match[0]], len(match[0])
            x, y = (int("".join(str(bit >> at & 1) for bit in bits), 2) for at in (0, 1))
            yield Point("quadkey", *_tile(zoom, x, y), _WORLD_M / 2**zoom / 2)
    if "grid" in marks:
        yield from _utm(text)
        yield from _mgrs(text)
    if "cells" in marks:
        yield from _cells(text, near_cell)
    if "geometry" in marks:
        yield from binary(text)
    if "polyline" in marks:
        yield from polylines(text)
    if "mercator" in marks:
        yield from projected(text)


def _geohashes(text: str, near: Callable[[str], bool] | None) -> Iterator[Point]:
    for match in _GEOHASH.finditer(text):
        word = match[0].lower()
        if near is not None and not near(word[:PREFIX]):
            continue
        # Of letters alone it may be a word: the cell then has to be small.
        if not word.isalpha() or near is not None:
            step = _WORLD_M / 2 ** ((5 * len(word) + 1) // 2) / 2
            yield Point("geohash (letters)" if word.isalpha() else "geohash", *geohash(word), step)


def _utm(text: str) -> Iterator[Point]:
    for match in _UTM.finditer(text):
        zone, letter = int(match[1]), match[2]
        # N and S may be bands, or the half of the globe.
        northern = {"N": [True], "S": [True, False]}.get(letter, [letter >= "N"])
        for north in northern:
            try:
                latitude, longitude = utm.to_latlon(int(match[3]), int(match[4]), zone, northern=north)
            except utm.OutOfRangeError:
                continue
            yield Point("utm", float(latitude), float(longitude), 0.5)


def _mgrs(text: str) -> Iterator[Point]:
    for match in _MGRS.finditer(text):
        zone, band, column, row, east, north = match.groups()
        if len(east) != len(north) or not 1 <= int(zone) <= 60:
            continue
        size = 10 ** (5 - len(east))
        columns = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")[(int(zone) - 1) % 3]
        if column not in columns:
            continue
        rows = "ABCDEFGHJKLMNPQRSTUV"
        easting = (columns.index(column) + 1) * 100_000 + int(east) * size + size / 2
        shift = 0 if int(zone) % 2 else 5
        northing = ((rows.index(row) - shift) % 20) * 100_000 + int(north) * size + size / 2
        yield from _in_band(int(zone), band, easting, northing, size / 2)


def _in_band(zone: int, band: str, easting: float, northing: float, step: float) -> Iterator[Point]:
    """Yield the point in the stated latitude band. MGRS rows repeat every 2,000 km, and a band is eight degrees
    high.
    """
    bottom = -80 + 8 * "CDEFGHJKLMNPQRSTUVWX".index(band)
    for turn in range(5):
        try:
            latitude, longitude = utm.to_latlon(easting, northing + turn * 2_000_000, zone, northern=band >= "N")
        except utm.OutOfRangeError:
            continue
        if bottom - 0.1 <= latitude <= bottom + (12 if band == "X" else 8) + 0.1:
            yield Point("mgrs", float(latitude), float(longitude), step)
            return


def _cells(text: str, near_cell: Callable[[int], bool]) -> Iterator[Point]:
    for match in _H3.finditer(text):
        cell = match[1]
        if h3.is_valid_cell(cell) and h3.get_resolution(cell) >= _H3_LEAST:
            latitude, longitude = h3.cell_to_latlng(cell)
            yield Point("h3", latitude, longitude, h3.average_hexagon_edge_length(h3.get_resolution(cell), unit="m"))
    for match in _S2.finditer(text):
        digits = match[1].removeprefix("0x")
        if "x" in digits or not 8 <= len(digits) <= 16:
            continue
        number = int(digits.ljust(16, "0"), 16)
        if near_cell(number >> S2_SHIFT):
            yield from _s2(number)
    for match in _S2_NUMBER.finditer(text):
        number = int(match[1]) % 2**64
        if near_cell(number >> S2_SHIFT):
            yield from _s2(number)


def _s2(number: int) -> Iterator[Point]:
    lowest = number & -number
    level = 30 - (lowest.bit_length() - 1) // 2
    if not number or number >> 61 > 5 or lowest.bit_length() % 2 == 0 or level < _S2_LEAST_LEVEL:
        return
    latitude, longitude = s2cell.cell_id_to_lat_lon(number)
    yield Point("s2", latitude, longitude, 7_842_000 / 2**level / 2)


def geohash(word: str) -> tuple[float, float]:
    """Return latitude and longitude of the cell's middle. Each letter holds five bits, longitude and latitude in turn
    (Niemeyer).
    """
    number = 0
    for letter in word:
        number = number << 5 | GEOHASH_ALPHABET.index(letter)
    bits = [number >> at & 1 for at in range(5 * len(word) - 1, -1, -1)]
    return _halved(bits[1::2], 90.0), _halved(bits[0::2], 180.0)


def _halved(bits: list[int], limit: float) -> float:
    low, high = -limit, limit
    for bit in bits:
        middle = (low + high) / 2
        low, high = (middle, high) if bit else (low, middle)
    return (low + high) / 2


def _plus_code(symbols: str) -> tuple[float, float, float]:
    """Decode an Open Location Code: five pairs of base 20, then cells of a 4 x 5 grid. Return the area's middle and
    height in degrees.
    """
    latitude, longitude, step = -90.0, -180.0, 20.0
    for at in range(0, 10, 2):
        latitude += _PLUS_ALPHABET.index(symbols[at]) * step
        longitude += _PLUS_ALPHABET.index(symbols[at + 1]) * step
        step /= 20
    height = width = step * 20
    for symbol in symbols[10:]:
        height, width = height / 5, width / 4
        row, column = divmod(_PLUS_ALPHABET.index(symbol), 4)
        latitude, longitude = latitude + row * height, longitude + column * width
    return latitude + height / 2, longitude + width / 2, height


def _tile(zoom: int, x: int, y: int) -> tuple[float, float]:
    """Return latitude and longitude of the middle of a Web Mercator tile."""
    size = 2**zoom
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + 0.5) / size))))
    return latitude, (x + 0.5) / size * 360 - 180
