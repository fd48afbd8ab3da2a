import base64
import codecs
import gzip
import json
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import Haystack, LeakDetector, Part, Searched
from scenarios.leaks.together import search_all

HOME = control_household(77).model_copy(update={"household_id": "H00"})
NAME = HOME.members[0].name or ""
PROSE = b"Turn on the lights in the kitchen, and tell nobody what the weather will be like tomorrow.\n"
CODED = base64.b64encode(b"turn off the lights in the kitchen")


@pytest.fixture(scope="module")
def detector() -> LeakDetector:
    return LeakDetector(Identities(schema=1, households=(HOME,)))


def of(*parts: bytes) -> Haystack:
    return Haystack(parts=tuple(Part(kind="file", name=f"{at}", data=data) for at, data in enumerate(parts)))


def chains(found: Sequence[Searched]) -> list[tuple[tuple[str, ...], ...]]:
    return [tuple(finding.how for finding in each.findings) for each in found]


HIDDEN = {
    "as it is": NAME.encode(),
    "base64": base64.b64encode(NAME.encode()),
    "reversed in base64": base64.b64encode(NAME.encode()[::-1]),
    "rot13 in base64": base64.b64encode(codecs.encode(NAME, "rot13").encode()),
    "gzip in base64 in JSON": json.dumps({"a": base64.b64encode(gzip.compress(NAME.encode())).decode()}).encode(),
    "percent": b"".join(b"%%%02x" % code for code in NAME.encode()),
    "hex": NAME.encode().hex().encode(),
}


@pytest.mark.parametrize("size", [0, 600, 9_000])
@pytest.mark.parametrize("name", HIDDEN)
def test_what_stands_in_one_text_is_found_in_that_one_only(detector: Any, name: Any, size: Any) -> None:
    clean = [of(PROSE * count + CODED * count + b"\n") for count in (1, 9, 40, 200)]
    leaking = of(PROSE * (size // len(PROSE)) + HIDDEN[name] + b"\n")
    found = search_all(detector, [*clean, leaking, *clean])
    assert [bool(each.findings) for each in found] == [False] * 4 + [True] + [False] * 4
    assert chains(found)[4] == chains([detector.search(leaking)])[0]


def test_a_short_text_is_read_backwards_among_many(detector: Any) -> None:
    texts = [of(f"/var/log/kept/{at:04d}.txt".encode()) for at in range(100)]
    leaking = of(f"/var/log/{NAME[::-1]}".encode())
    found = search_all(detector, [*texts, leaking, *texts])
    assert [at for at, each in enumerate(found) if each.findings] == [100]


def test_no_value_is_made_of_the_end_of_one_text_and_the_beginning_of_the_next(detector: Any) -> None:
    phone = HOME.members[0].phones[0]
    pieces = [phone[:6], phone[6:], NAME.split()[1], phone[:3], phone[3:6], phone[6:]]
    assert not any(each.findings for each in search_all(detector, [of(piece.encode()) for piece in pieces]))


def test_what_is_no_plain_text_is_searched_alone(detector: Any, monkeypatch: Any) -> None:
    alone, search = [], detector.search

    def noted(haystack: Haystack) -> Searched:
        alone.append(haystack)
        return search(haystack)

    monkeypatch.setattr(detector, "search", noted)
    packed = [of(gzip.compress(PROSE)), of(PROSE + b"\0"), of("Grüße".encode("latin-1")), of(PROSE * 1_000)]
    packed.append(of(b"token: " + b"7nW3kQ9zX" * 4))
    search_all(detector, [of(PROSE), *packed, of(PROSE * 9)])
    assert alone == packed


def test_sizes_and_order_are_kept(detector: Any) -> None:
    found = search_all(detector, [of(PROSE, NAME.encode()), of(PROSE * 7), of()])
    assert [each.bytes for each in found] == [len(PROSE) + len(NAME.encode()), 7 * len(PROSE), 0]
    assert [bool(each.findings) for each in found] == [True, False, False]


def test_what_is_cut_off_is_said_of_the_text_that_was_cut(detector: Any) -> None:
    deep = b"turn on the lights in the kitchen, please"
    for _ in range(8):
        deep = base64.b64encode(deep)
    found = search_all(detector, [of(PROSE), of(deep), of(PROSE * 2)])
    assert [bool(each.notes) for each in found] == [False, True, False]
