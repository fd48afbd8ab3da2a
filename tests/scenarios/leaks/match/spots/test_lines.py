"""Lines on a map that pass a home, written by other libraries than the readers."""

import json

import polyline
import pytest
import shapely
from pyproj import Transformer

from scenarios.leaks.match.spots.places import Places, Spot

NORTH, EAST = 42.194576, -122.709477
HOME = Spot(household_id="H07", field="home.latitude", latitude=NORTH, longitude=EAST)
PLACES = Places([HOME])
LONG = "\nversion 3.14159 of 2026-11-28, 8a2f81c0 and 12345678 in 7.125 s\n" * 300
X, Y = Transformer.from_crs(4326, 3857, always_xy=True).transform(EAST, NORTH)


def way(*, there: bool) -> list[tuple[float, float]]:
    """A way of 41 points, as (latitude, longitude). The home is in its middle, or half a degree away."""
    away = 0.0 if there else 0.5
    return [(NORTH + away + 0.002 * (at - 20), EAST - 0.001 * (at - 20)) for at in range(41)]


def shape(kind: str, *, there: bool) -> shapely.Geometry:
    line = [(east, north) for north, east in way(there=there)]
    return {
        "line": shapely.LineString(line),
        "lines": shapely.MultiLineString([line, line]),
        "points": shapely.MultiPoint(line),
        "area": shapely.Polygon([*line, (EAST, NORTH - 1)]),
        "height": shapely.LineString([(east, north, 400.0) for east, north in line]),
    }[kind]


def written(*, there: bool) -> dict[str, str]:
    points, line = way(there=there), shape("line", there=there)
    away = 0.0 if there else 90_000.0
    made = {f"polyline {digits}": json.dumps({"points": polyline.encode(points, digits)}) for digits in (5, 6)}
    made["path"] = f"https://maps.example/static?path=weight:3|enc:{polyline.encode(points)}&size=400x400"
    made["cell"] = f"7,{polyline.encode(points)},done"
    made["metres"] = json.dumps({"x": X + away, "y": Y, "spatialReference": {"wkid": 102100}})
    made["wkt"] = f"SRID=3857;POINT({X + away:.2f} {Y:.2f})"
    made["bare"] = f"{Y:.3f}, {X + away:.3f}"
    made["whole"] = f"EPSG:3857 {X + away:.0f} {Y:.0f}"
    made["wkb"] = f"1,{line.wkb_hex}"
    made["ewkb"] = f"1,{shapely.to_wkb(shapely.set_srid(line, 4326), hex=True, include_srid=True)}"
    for kind in ("lines", "points", "area", "height"):
        for flavor in ("extended", "iso"):
            made[f"{kind} {flavor}"] = shapely.to_wkb(
                shape(kind, there=there), hex=True, flavor=flavor, byte_order=0, output_dimension=3
            ).lower()
    return made


@pytest.mark.parametrize("around", ["", LONG])
@pytest.mark.parametrize("kind", written(there=True))
def test_a_line_past_a_home_is_seen(kind: str, around: str) -> None:
    (seen,) = PLACES.search(around + written(there=True)[kind] + around)
    assert (seen.spot, seen.severity) == (HOME, "high")


@pytest.mark.parametrize("around", ["", LONG])
@pytest.mark.parametrize("kind", written(there=False))
def test_a_line_elsewhere_is_nobody(kind: str, around: str) -> None:
    assert PLACES.search(around + written(there=False)[kind] + around) == []


def test_a_flexible_polyline_is_read() -> None:
    """The example of its specification (HERE, flexible-polyline, README)."""
    start = Spot(household_id="H", field="home.latitude", latitude=50.10228, longitude=8.69821)
    ends = Spot(household_id="E", field="home.latitude", latitude=50.09878, longitude=8.68752)
    seen = Places([start, ends]).search('{"polyline": "BFoz5xJ67i1B1B7PzIhaxL7Y"}')
    assert {each.spot.household_id for each in seen} == {"H", "E"}
    assert all(each.within_m < 50 for each in seen)


@pytest.mark.parametrize("text", [f"{X:.0f} {Y:.0f}", "total 4312345 5412345", "getSomeOtherThingElseAgain", "01" * 40])
def test_other_words_and_numbers_are_no_line(text: str) -> None:
    assert PLACES.search(text) == []
