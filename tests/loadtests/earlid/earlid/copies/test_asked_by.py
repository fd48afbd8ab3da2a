"""What a client of a proxy says of itself stays here; the site is asked only for what can be read."""

import pytest
from earlid.copies import asked_by as module
from earlid.copies.asked_by import Names, asked_by, readable


def test_what_is_said_stays_here() -> None:
    said = [("X-Earlid-Role", "auditor"), ("x-earlid-may-see", "H1, H2"), ("Accept", "*/*")]
    assert asked_by(said, "user") == ({"role": "auditor", "may_see": ["H1", "H2"]}, [("Accept", "*/*")])


def test_the_site_is_asked_only_for_what_can_be_read() -> None:
    assert asked_by([("Accept-Encoding", "gzip, deflate, br, zstd")], "u")[1] == [
        ("Accept-Encoding", "gzip, deflate, br")
    ]


@pytest.mark.parametrize(
    ("accepted", "asked"),
    [
        ("gzip, zstd;q=0.9", "gzip"),
        ("zstd", "identity"),
        ("dcb, dcz, compress", "identity"),
        ("identity", "identity"),  # a client that reads nothing else
        ("BR;q=1.0, gzip;q=0.5", "BR;q=1.0, gzip;q=0.5"),
        ("*", "gzip"),
        ("gzip, *;q=0", "gzip"),
        ("", "identity"),
    ],
)
def test_encodings(accepted: str, asked: str) -> None:
    assert readable(accepted) == asked


def test_names_are_kept_apart_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_NAMES", 2)
    names = Names()
    assert [names.of(at) for at in ("/a?x=1", "/b", "/c", "/a", "/d")] == [
        "/a",
        "/b",
        "other paths",
        "/a",
        "other paths",
    ]
