import pytest

from gateway.identities import Identities
from scenarios.leaks.detector import MASKED, LeakDetector
from scenarios.leaks.service.routes import route_of


@pytest.fixture(scope="module")
def detector(known: Identities) -> LeakDetector:
    return LeakDetector(known)


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("/clips/{ref}", "/clips/{ref}"),
        ("/clips/{ref}/audio.wav", "/clips/{ref}/audio.wav"),
        ("/clips/9f86d081884c7d65?page=2&sort=", "/clips/{token}?page={}&sort={}"),
        ("http://127.0.0.1:8000/clips/7/critical", "/clips/{token}/critical"),
        ("/c/0b0e3b5c-3b1f-4a53-9a57-6c8f3a0a1f11", "/c/{token}"),
        ("/annotations-overview", "/annotations-overview"),
        ("my own name", "my own name"),
        ("", ""),
    ],
)
def test_values_and_tokens_are_replaced(detector: LeakDetector, name: str, route: str) -> None:
    assert route_of(name, detector) == route


def test_an_identity_in_a_route_is_masked_and_the_rest_stays(detector: LeakDetector, known: Identities) -> None:
    home = known.households[0]
    assert route_of(f"/homes/{home.members[0].emails[0]}/clips", detector) == f"/homes/{MASKED}/clips"
    assert route_of(f"/a?{home.members[0].emails[0]}=1", detector) == f"/a?{MASKED}={{}}"
    first, last = home.members[0].name.split()
    assert route_of(f"/{first.lower()}/{last}", detector) == MASKED or MASKED in route_of(f"/{first}/{last}", detector)
