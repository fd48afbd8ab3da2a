"""What a search compiles when it first needs it is compiled before the workers are forked."""

from typing import Any

from scenarios.leaks.controls import control_household, plants
from scenarios.leaks.service.__main__ import _warm


def test_every_planted_leak_is_searched_once_before() -> None:
    seen: list[bytes] = []

    class Detector:
        def scan_bytes(self, body: bytes, _where: object) -> None:
            seen.append(body)

    detector: Any = Detector()
    _warm(detector)
    assert seen == [each.body for each in plants(control_household(0)).values()]
