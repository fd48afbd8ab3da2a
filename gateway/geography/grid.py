"""Geohash cells. The vault counts homes in them, and the location operator shows them."""

_BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"
LEVELS = 8  # level 8 is 38 x 19 m, about one house


def geohash(latitude: float, longitude: float, level: int) -> str:
    """The geohash of a place in degrees, with `level` characters (G. Niemeyer, 2008).

    Level 4 is about 39 x 20 km, level 5 about 5 x 5 km.
    """
    south, north, west, east = -90.0, 90.0, -180.0, 180.0
    bits = 0
    for at in range(5 * level):
        if at % 2 == 0:
            middle = (west + east) / 2
            beyond = longitude >= middle
            west, east = (middle, east) if beyond else (west, middle)
        else:
            middle = (south + north) / 2
            beyond = latitude >= middle
            south, north = (middle, north) if beyond else (south, middle)
        bits = bits * 2 + beyond
    return "".join(_BASE32[bits >> 5 * at & 31] for at in range(level - 1, -1, -1))
