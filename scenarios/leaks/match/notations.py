"""Text -> points on the map in notations other than plain decimal degrees.

Degrees-minutes-seconds, integers scaled by 10^7 or 10^6, geohash, Plus code, map tiles. UTM, S2 and H3 are not read.
"""

import math
import re
from collections.abc import Iterator

_DMS = re.compile(
    r"(?<![\w.])([-\u2212]?)([0-9]{1,3})\s?(?:°|º|˚|d|deg|\s)\s?([0-9]{1,2}(?:\.[0-9]+)?)\s?(?:'|′|’|m|min|\s)"
    r"(?:\s?([0-9]{1,2}(?:\.[0-9]+)?)\s?(?:\"|″|”|''|s|sec)?)?\s?,?\s?([NSEWnsew])\b"
)
_DMS_FIRST = re.compile(
    r"(?<!\w)([NSEWnsew])\s?([0-9]{1,3})\s?(?:°|º|˚|\s)\s?([0-9]{1,2}(?:\.[0-9]+)?)\s?(?:'|′|’|\s)"
    r"(?:\s?([0-9]{1,2}(?:\.[0-9]+)?)\s?(?:\"|″|”|'')?)?"
)
_SCALED = re.compile(r"(?<![\w.])([-\u2212]?[0-9]{7,10})(?![\w.])")
_COMMA = re.compile(r"(?<![\w.,])([-\u2212]?[0-9]{1,3}),([0-9]{4,9})(?![\w.])")
_GEOHASH = re.compile(r"(?<![0-9A-Za-z])[0-9b-hjkmnp-zB-HJKMNP-Z]{7,12}(?![0-9A-Za-z])")
_GEOHASH_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
_PLUS = re.compile(r"(?<![0-9A-Za-z])([23456789CFGHJMPQRVWX]{8})\+([23456789CFGHJMPQRVWX]{2,5})(?![0-9A-Za-z])", re.I)
_PLUS_ALPHABET = "23456789CFGHJMPQRVWX"
_TILE = re.compile(r"(?<![0-9])(1[5-9]|2[0-2])/([0-9]{4,7})/([0-9]{4,7})(?![0-9])")

Coordinate = tuple[int, float]  # position in the text, degrees
Point = tuple[str, float, float]  # notation, latitude, longitude


def coordinates(text: str, marks: frozenset[str]) -> Iterator[tuple[str, Coordinate]]:
    """Single latitudes or longitudes, to be paired by nearness; (notation, (position, degrees))."""
    if "degrees" in marks:
        for match in _DMS.finditer(text):
            sign, degrees, minutes, seconds, side = match.groups()
            yield "dms", (match.start(), _angle(degrees, minutes, seconds, sign != "" or side.upper() in "SW"))
        for match in _DMS_FIRST.finditer(text):
            side, degrees, minutes, seconds = match.groups()
            yield "dms", (match.start(), _angle(degrees, minutes, seconds, side.upper() in "SW"))
    if "scaled" in marks:
        for match in _SCALED.finditer(text):
            number = int(match[1].replace("\u2212", "-"))
            yield "e7", (match.start(), number / 1e7)
            yield "e6", (match.start(), number / 1e6)
    if "decimals" in marks:
        for match in _COMMA.finditer(text):
            yield "decimal comma", (match.start(), float(f"{match[1]}.{match[2]}".replace("\u2212", "-")))


def points(text: str, marks: frozenset[str]) -> Iterator[Point]:
    """Whole points written as one word: geohash (from seven characters), Plus code, map tile (from zoom 15)."""
    if "geohash" in marks:
        for match in _GEOHASH.finditer(text):
            if not match[0].isalpha():  # a word
                yield "geohash", *geohash(match[0].lower())
    if "plus code" in marks:
        for match in _PLUS.finditer(text):
            yield "plus code", *_plus_code((match[1] + match[2]).upper())
    if "tile" in marks:
        for match in _TILE.finditer(text):
            yield "map tile", *_tile(int(match[1]), int(match[2]), int(match[3]))


def _angle(degrees: str, minutes: str, seconds: str | None, negative: bool) -> float:
    angle = int(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
    return -angle if negative else angle


def geohash(word: str) -> tuple[float, float]:
    """Middle of the cell: five bits a letter, longitude and latitude in turn (Niemeyer)."""
    number = 0
    for letter in word:
        number = number << 5 | _GEOHASH_ALPHABET.index(letter)
    bits = [number >> at & 1 for at in range(5 * len(word) - 1, -1, -1)]
    return _halved(bits[1::2], 90.0), _halved(bits[0::2], 180.0)


def _halved(bits: list[int], limit: float) -> float:
    low, high = -limit, limit
    for bit in bits:
        middle = (low + high) / 2
        low, high = (middle, high) if bit else (low, middle)
    return (low + high) / 2


def _plus_code(symbols: str) -> tuple[float, float]:
    """Open Location Code: five pairs of base 20, then cells of a 4 x 5 grid; the middle of the area."""
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
    return latitude + height / 2, longitude + width / 2


def _tile(zoom: int, x: int, y: int) -> tuple[float, float]:
    """Middle of a Web Mercator tile."""
    size = 2**zoom
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + 0.5) / size))))
    return latitude, (x + 0.5) / size * 360 - 180
