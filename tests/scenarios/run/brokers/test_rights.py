"""A right covers the topics it names and no other."""

import pytest

from scenarios.run.brokers.rights import covers


@pytest.mark.parametrize(
    ("allowed", "wanted", "covered"),
    [
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/+/c", True),
        ("a/+/c", "a/#", False),
        ("a/+/c", "a/b/c/d", False),
        ("a/+/c", "a/b", False),
        ("a/b", "a/+", False),
        ("a/b", "#", False),
        ("a/b", "+/+", False),
        ("a/b", "a/b", True),
        ("#", "anything/at/all", True),
    ],
)
def test_what_a_right_covers(allowed: str, wanted: str, covered: bool) -> None:
    assert covers(allowed, wanted) is covered
