"""Two households that share nothing, and a detector that knows the first."""

import pytest

from gateway.identities import Identities, Member
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import LeakDetector


@pytest.fixture(scope="session")
def known() -> Identities:
    homes = [control_household(seed) for seed in range(20)]
    return Identities(
        schema=1,
        households=tuple(
            home.model_copy(
                update={"household_id": f"H{at:02d}", "members": tuple(_renamed(m, at) for m in home.members)}
            )
            for at, home in enumerate(homes)
        ),
    )


def _renamed(member: Member, at: int) -> Member:
    return member.model_copy(update={"person_id": f"H{at:02d}-P1"})


@pytest.fixture(scope="session")
def strangers(known: Identities) -> Identities:
    """Twenty homes in which no given name of a known one stands: those are shared by chance, as in life."""
    taken = {member.given_name for home in known.households for member in home.members}
    homes = [
        home
        for home in map(control_household, range(1000, 1040))
        if not any(name in home.model_dump_json() for name in taken)
    ]
    return Identities(
        schema=1,
        households=tuple(h.model_copy(update={"household_id": f"S{at:02d}"}) for at, h in enumerate(homes[:20])),
    )


@pytest.fixture(scope="session")
def detector(known: Identities) -> LeakDetector:
    return LeakDetector(known)
