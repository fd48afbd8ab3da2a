"""What a place still tells: metres of error, homes or people it hides, and whether the town is the right one.

Two fleets: homes anywhere, of which a town hides few, and many homes in a handful of towns, where counting the fleet
can show a place. The attacker knows where every home is; their guess is the middle of the homes that look alike.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from gateway.contract.model import Location
from gateway.identities import Household, Identities
from gateway.redact.location import Shown, location, town_populations
from gateway.vault.facts import Neighbours, site_facts
from gateway.vault.sealing import Seal
from simulator.world.households import make_identities
from simulator.world.towns import distance_km, towns

pytestmark = pytest.mark.bench

HOMES = 400
TOWNS = (
    "Ashland, OR",
    "Ashland, MI",
    "Medford, OR",
    "Bend, OR",
    "Boulder, CO",
    "Flint, MI",
    "Provo, UT",
    "Laramie, WY",
)
ANYWHERE = {
    "coordinates": Location(show="coordinates"),
    "town of 1,000 people": Location(show="locality", min_anonymity=1_000),
    "town of 5 homes": Location(show="locality", counted_by="fleet", min_anonymity=5),
}
TOGETHER = {
    "coordinates": Location(show="coordinates"),
    "town of 5 homes": Location(show="locality", counted_by="fleet", min_anonymity=5),
    "town of 40 homes": Location(show="locality", counted_by="fleet", min_anonymity=40),
    **{
        f"cell {level} of 5 homes": Location(show="grid", counted_by="fleet", grid_level=level, min_anonymity=5)
        for level in (3, 4, 5, 6)
    },
}


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return 1_000 * distance_km(a, b)


@pytest.mark.parametrize(("fleet", "live_in", "rules"), [("anywhere", (), ANYWHERE), ("eight towns", TOWNS, TOGETHER)])
def test_what_a_place_tells(
    fleet: str, live_in: Sequence[str], rules: dict[str, Location], figure: Callable[[str, Any], None]
) -> None:
    homes = make_identities(seed=9, households=HOMES, live_in=live_in)
    for name, rule in rules.items():
        row = told_by(homes, rule)
        figure(f"location.{fleet}.{name}", row)
        if rule.show == "locality":
            assert row["right_town"] in (1.0, None)
        if rule.counted_by == "fleet" and row["anonymity"]:
            assert row["anonymity"]["least"] >= rule.min_anonymity


def told_by(homes: Identities, rule: Location) -> dict[str, Any]:
    near, seal, people = Neighbours(homes), Seal(b"bench" * 8), town_populations()
    alike: dict[Shown, list[Household]] = {}
    for home in homes.households:
        alike.setdefault(location(site_facts(home, home.devices[0], seal, near), rule, people), []).append(home)
    withheld = len(alike.pop(Shown(), []))
    sets, errors, right, crowds = [], [], 0, []
    for shown, group in alike.items():
        middle = (float(np.mean([at(home)[0] for home in group])), float(np.mean([at(home)[1] for home in group])))
        sets += [len(group)] * len(group)
        errors += [metres(at(home), middle) for home in group]
        answered = shown.locality if rule.show == "locality" else nearest_town(middle)
        right += sum(f"{home.home.city}, {home.home.state}" == answered for home in group if home.home)
        crowds += [people[place(home)] for home in group] if rule.show == "locality" else []
    return {
        "withheld": round(withheld / HOMES, 4),
        "right_town": round(right / len(sets), 4) if sets else None,
        "metres": spread(errors),
        "anonymity": spread(sets),
        "people": spread(crowds),
    }


def nearest_town(middle: tuple[float, float]) -> str:
    """Which town "the weather here" is answered for when only a place is shown."""
    nearest = min(towns(), key=lambda town: distance_km((town.latitude, town.longitude), middle))
    return f"{nearest.name}, {nearest.state}"


def at(home: Household) -> tuple[float, float]:
    return (home.home.latitude or 0.0, home.home.longitude or 0.0) if home.home else (0.0, 0.0)


def place(home: Household) -> tuple[str, str]:
    return ((home.home.city or "").lower(), (home.home.state or "").lower()) if home.home else ("", "")


def spread(values: Sequence[float]) -> dict[str, int] | None:
    """Least, tenth, median and ninetieth percentile, most; None of nothing."""
    if not values:
        return None
    names = ("least", "p10", "median", "p90", "most")
    return {k: round(float(v)) for k, v in zip(names, np.percentile(values, [0, 10, 50, 90, 100]), strict=True)}
