"""Cells made in bulk are those that the libraries make one by one."""

import random

import numpy as np
import pygeohash
import pytest
import s2cell

from scenarios.leaks.match.spots.cells import PREFIX, S2_SHIFT, around, geohashes, s2_beginnings

_RANDOM = random.Random(14)
PLACES = [(_RANDOM.uniform(-89.9, 89.9), _RANDOM.uniform(-180, 180)) for _ in range(200)]
PLACES += [(0.0, 0.0), (45.0, 45.0), (-45.0, 135.0), (89.99, 10.0), (-89.99, -170.0), (35.264390, -45.0)]


@pytest.mark.parametrize("place", PLACES[::8])
def test_a_place_lies_in_the_cells_of_the_libraries(place: tuple[float, float]) -> None:
    latitudes, longitudes = (np.array([each]) for each in place)
    assert s2_beginnings(latitudes, longitudes) == {s2cell.lat_lon_to_cell_id(*place, 30) >> S2_SHIFT}
    assert geohashes(latitudes, longitudes) == {pygeohash.encode(*place, precision=PREFIX)}


def test_many_places_lie_where_each_does() -> None:
    latitudes, longitudes = (np.array(each) for each in zip(*PLACES, strict=True))
    each = [s2cell.lat_lon_to_cell_id(*place, 30) >> S2_SHIFT for place in PLACES]
    assert s2_beginnings(latitudes, longitudes) == set(each)
    assert geohashes(latitudes, longitudes) == {pygeohash.encode(*place, precision=PREFIX) for place in PLACES}


def test_the_neighbours_of_a_place_are_itself_and_eight_more() -> None:
    up, right = around(np.array([10.0, 20.0]), np.array([30.0, 40.0]), 0.5)
    near = set(zip(up.tolist(), right.tolist(), strict=True))
    assert len(near) == 18
    assert {(10.0, 30.0), (9.5, 29.5), (10.5, 30.5), (20.0, 40.0), (20.5, 39.5)} <= near


def test_no_place_has_no_cell() -> None:
    nowhere = around(np.array([]), np.array([]), 0.5)
    assert geohashes(*nowhere) == set()
    assert s2_beginnings(*nowhere) == set()
