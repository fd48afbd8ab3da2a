"""Places in the notations of cameras, receivers, maps and grids, written by other libraries than the reader's."""

import struct

import h3
import mgrs
import pygeohash
import pytest
from hypothesis import given
from hypothesis import strategies as st
from s2sphere import CellId, LatLng

from scenarios.leaks.match.spots.places import Places, Spot, distance_m

NORTH, EAST = 42.194576, -122.709477
HOME = Spot(household_id="H07", field="home.latitude", latitude=NORTH, longitude=EAST)
SOUTHERN = Spot(household_id="H08", field="work.latitude", latitude=-33.865143, longitude=151.2099)
CELL = CellId.from_lat_lng(LatLng.from_degrees(NORTH, EAST))
GRID = mgrs.MGRS()
PLACES = Places([HOME, SOUTHERN])
LONG = "\nversion 3.14159 of 2026-11-28, 8a2f81c0 and 12345678 in 7.125 s\n" * 300


def _utm(spot: Spot) -> str:
    zone, half, easting, northing = GRID.MGRSToUTM(GRID.toMGRS(spot.latitude, spot.longitude))
    return f"{zone}{half} {easting:.0f} {northing:.0f}"


@pytest.mark.parametrize(
    "text",
    [
        "location.ISO6709: +42.1946-122.7095+412.5/", "+4211.675-12242.569/", "+421140.5-1224234.1/",
        "N 42.194576, W 122.709477", "N42.194576W122.709477", "42.194576N122.709477W", "N: 42.194576 W: 122.709477",
        "42.194576 N 122.709477 W 412.5", "42.194576N 122.709477W", "N 42.194576 W 122.709477 T 3.5",
        "42.194576 degrees north, 122.709477 degrees west", "/maps/place/!3m1!3d42.194576!4d-122.709477",
        "$GPGGA,123519,4211.6746,N,12242.5686,W,1,08", "$GPRMC,1,A,4211.67456,N,12242.56862,W,022.4",
        "GPSLatitude: 42/1 11/1 4047/100 GPSLongitude: 122/1, 42/1, 3411/100",
        'exif:GPSLatitude="42,11.6746N" exif:GPSLongitude="122,42.5686W"', "(42.0, 11.0, 40.47) (122.0, 42.0, 34.12)",
        "42 deg 11' 40.47\" N, 122 deg 42' 34.12\" W",
        "421945760, -1227094770"[::-1], "42.194576, -122.709477"[::-1],
        '{"lat": 42.194576, "accuracy": 12.543, "alt": 30.221, "t": 123.443, "lng": -122.709477}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["", LONG])
def test_a_home_is_seen_in_any_notation(text: str, around: str) -> None:
    (seen,) = PLACES.search(around + text + around)
    assert seen.spot == HOME
    assert seen.severity == "high"


@pytest.mark.parametrize(
    "text",
    [
        CELL.parent(20).to_token(), str(CELL.id()), pygeohash.encode(NORTH, EAST, 9),
        h3.latlng_to_cell(NORTH, EAST, 11), GRID.toMGRS(NORTH, EAST), _utm(HOME),
        ("01" + struct.pack("<I", 1).hex() + struct.pack("<dd", EAST, NORTH).hex()).upper(),
        "00" + struct.pack(">I", 1).hex() + struct.pack(">dd", EAST, NORTH).hex(),
        "01" + struct.pack("<II", 0x20000001, 4326).hex() + struct.pack("<dd", EAST, NORTH).hex(),
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["", LONG])
def test_a_home_is_seen_in_any_grid(text: str, around: str) -> None:
    (seen,) = PLACES.search(f"{around}at={text};{around}")
    assert (seen.spot, seen.severity) == (HOME, "high")


def test_the_southern_half_of_the_globe() -> None:
    for text in (_utm(SOUTHERN), GRID.toMGRS(SOUTHERN.latitude, SOUTHERN.longitude)):
        assert [seen.spot for seen in PLACES.search(text)] == [SOUTHERN]


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("42.194576, -122.709477", "high"), ("42.1955, -122.7095", "medium"), ("42.1980, -122.7095", "low"),
        ("lat 42.195 lon -122.709", "medium"), ("42.195 -122.709", "low"), (CELL.parent(16).to_token(), "medium"),
        (CELL.parent(14).to_token(), "low"),
    ],
)  # fmt: skip
def test_a_place_tells_as_much_as_it_is_near(text: str, severity: str) -> None:
    assert [seen.severity for seen in PLACES.search(text)] == [severity]


@pytest.mark.parametrize(
    "text",
    ["42.194576 1.5 7.12345 8.54321 9.12345 -122.709477", "42.194576" + "x " * 60 + "-122.709477",
     "a42.194576b -122.709477",
     "gpsweek feedback bedrock", "8a2f5c11 deadbeefdeadbeef 4611686018427387904"],
)  # fmt: skip
def test_numbers_that_only_happen_to_stand_there_are_no_place(text: str) -> None:
    assert not PLACES.search(text)


@given(st.floats(-79, 83), st.floats(-179, 179), st.sampled_from(["s2", "mgrs", "h3", "geohash"]))
def test_every_grid_is_read_where_it_was_written(latitude: float, longitude: float, grid: str) -> None:
    spot = Spot(household_id="H", field="home.latitude", latitude=latitude, longitude=longitude)
    text = {
        "s2": CellId.from_lat_lng(LatLng.from_degrees(latitude, longitude)).parent(22).to_token(),
        "mgrs": GRID.toMGRS(latitude, longitude),
        "h3": h3.latlng_to_cell(latitude, longitude, 12),
        "geohash": pygeohash.encode(latitude, longitude, 9),
    }[grid]
    (seen,) = Places([spot]).search(text)
    assert seen.metres < 20
    assert distance_m(spot, latitude, longitude) < 1
