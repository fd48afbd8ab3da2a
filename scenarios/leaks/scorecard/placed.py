"""A point on the map -> the ways people write it down; each encoder works the other way round from the reader's.

Plus code and geohash count cells in whole numbers here, the readers halve and add up degrees.
"""

import math
from collections.abc import Mapping

_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"
_PLUS = "23456789CFGHJMPQRVWX"


def notations(latitude: float, longitude: float) -> Mapping[str, str]:
    """Name -> the point so written, to some ten metres."""
    return {
        "decimal": f"{latitude:.5f}, {longitude:.5f}",
        "decimal swapped": f"[{longitude:.5f},{latitude:.5f}]",
        "decimal comma": f"{latitude:.5f} / {longitude:.5f}".replace(".", ","),
        "well-known text": f"POINT({longitude:.6f} {latitude:.6f})",
        "with sides": f"{abs(latitude):.5f}° {_side(latitude, 'NS')}, {abs(longitude):.5f}° {_side(longitude, 'EW')}",
        "degrees, minutes, seconds": f"{_dms(latitude, 'NS')} {_dms(longitude, 'EW')}",
        "E7": f"{round(latitude * 1e7)},{round(longitude * 1e7)}",
        "E6": f"{round(latitude * 1e6)} {round(longitude * 1e6)}",
        "geohash": geohash(latitude, longitude, 8),
        "plus code": plus_code(latitude, longitude),
        "map tile": tile(latitude, longitude, 18),
    }


def geohash(latitude: float, longitude: float, letters: int) -> str:
    bits = 5 * letters
    columns, rows = 2 ** ((bits + 1) // 2), 2 ** (bits // 2)
    x, y = math.floor((longitude + 180) / 360 * columns), math.floor((latitude + 90) / 180 * rows)
    woven = 0
    for at in range(bits):
        of, place = (x, (bits + 1) // 2 - 1 - at // 2) if at % 2 == 0 else (y, bits // 2 - 1 - at // 2)
        woven = woven * 2 + (of >> place & 1)
    return "".join(_GEOHASH[woven >> shift & 31] for shift in range(bits - 5, -1, -5))


def plus_code(latitude: float, longitude: float) -> str:
    """Ten symbols: cells of 1/8000 degree (about 14 metres)."""
    y, x = math.floor((latitude + 90) * 8_000), math.floor((longitude + 180) * 8_000)
    symbols = ""
    for _ in range(5):
        symbols = _PLUS[y % 20] + _PLUS[x % 20] + symbols
        y, x = y // 20, x // 20
    return f"{symbols[:8]}+{symbols[8:]}"


def tile(latitude: float, longitude: float, zoom: int) -> str:
    turn = math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
    x, y = (longitude + 180) / 360 * 2**zoom, (1 - turn / math.pi) / 2 * 2**zoom
    return f"{zoom}/{math.floor(x)}/{math.floor(y)}"


def _side(degrees: float, sides: str) -> str:
    return sides[degrees < 0]


def _dms(degrees: float, sides: str) -> str:
    tenths = round(abs(degrees) * 36_000)
    return f"{tenths // 36_000}°{tenths // 600 % 60:02d}'{tenths % 600 / 10:.1f}\"{_side(degrees, sides)}"
