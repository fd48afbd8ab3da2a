"""Finds known places that are stored as raw numbers: a database's free page holds a coordinate as eight bytes."""

import struct
from collections.abc import Iterator, Sequence

from scenarios.leaks.match.spots.places import Spot
from scenarios.leaks.needles.table import ByteTable

_LEAST = 0.01  # degrees; round numbers are packed as zeros, and those stand everywhere


class Packed:
    """Knows each place's latitude as a double and its pair as floats, in both byte orders."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        self._known: dict[bytes, list[tuple[Spot, str]]] = {}
        for spot in spots:
            if abs(spot.latitude) >= _LEAST and abs(spot.longitude) >= _LEAST:
                for form, how in _forms(spot):
                    self._known.setdefault(form, []).append((spot, how))
        self._forms = list(self._known)
        self._table = ByteTable(self._forms)

    def search(self, data: bytes) -> Iterator[tuple[Spot, str]]:
        """Yield (place, how it was packed). Only exact values are found."""
        for form in dict.fromkeys(at for at, _ in self._table.search(data)):
            yield from self._known[self._forms[form]]


def _forms(spot: Spot) -> Iterator[tuple[bytes, str]]:
    for order in "<>":
        yield struct.pack(f"{order}d", spot.latitude), "packed double"
        for pair in ((spot.latitude, spot.longitude), (spot.longitude, spot.latitude)):
            yield struct.pack(f"{order}ff", *pair), "packed floats"
