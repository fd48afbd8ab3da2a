"""What a place still tells: metres of error, homes or people it hides, and whether the town is the right one."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from gateway.contract import Location
from gateway.redact.location import location, town_populations
from gateway.sealed import Seal
from gateway.vault_facts import Neighbours, site_facts
from simulator.households import make_identities

pytestmark = pytest.mark.bench

HOMES = 400
RULES = {
    "coordinates": Location(show="coordinates"),
    "town of 1,000 people": Location(show="locality", min_anonymity=1_000),
    "town of 5 homes": Location(show="locality", counted_by="fleet", min_anonymity=5),
    "cell 4 of 5 homes": Location(show="grid", counted_by="fleet", grid_level=4, min_anonymity=5),
    "cell 5 of 5 homes": Location(show="grid", counted_by="fleet", grid_level=5, min_anonymity=5),
}


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    north = math.radians(a[0] - b[0])
    east = math.radians(a[1] - b[1]) * math.cos(math.radians(a[0]))
    return 6_371_000 * math.hypot(north, east)


def test_what_a_place_tells(figure: Callable[[str, Any], None]) -> None:
    homes = make_identities(seed=9, households=HOMES)
    near, seal, people = Neighbours(homes), Seal(b"bench" * 8), town_populations()
    for name, rule in RULES.items():
        shown: dict[str, list[tuple[float, float]]] = {}
        crowds: list[int] = []
        right = withheld = 0
        for home in homes.households:
            facts = site_facts(home, home.devices[0], seal, near)
            place = location(facts, rule, people)
            told = place.locality if rule.show != "coordinates" else f"{place.latitude},{place.longitude}"
            if told is None:
                withheld += 1
                continue
            right += rule.show == "grid" or (place.locality or "").startswith(f"{facts.city}, {facts.state}")
            if rule.show == "locality":
                crowds.append(people[(facts.city or "").lower(), (facts.state or "").lower()])
            shown.setdefault(told, []).append((facts.latitude or 0.0, facts.longitude or 0.0))
        sets = sorted(len(group) for group in shown.values() for _ in group)
        # The attacker's best guess is the middle of the homes that look the same to them.
        errors = sorted(
            metres(each, (sum(a for a, _ in group) / len(group), sum(b for _, b in group) / len(group)))
            for group in shown.values()
            for each in group
        )
        half = len(sets) // 2
        figure(
            f"location.{name}",
            {
                "withheld": round(withheld / HOMES, 4),
                "anonymity_least": sets[0] if sets else None,
                "anonymity_median": sets[half] if sets else None,
                "metres_median": round(errors[half]) if errors else None,
                "right_town_of_shown": round(right / len(sets), 4) if sets else None,
                "people_least": min(crowds, default=None),
                "people_median": sorted(crowds)[len(crowds) // 2] if crowds else None,
            },
        )
        assert right == len(sets)
        if rule.counted_by == "fleet":
            assert not sets or sets[0] >= rule.min_anonymity
