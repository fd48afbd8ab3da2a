"""QR codes in pictures, made by another library than the one that reads them."""

import gzip
import io
from collections.abc import Callable
from typing import Any

import pytest
import segno

from tests.scenarios.leaks.sources.conftest import FIELDS, NAME, TEXT


def _code(content: str | bytes, kind: str = "png", **how: Any) -> bytes:
    made = io.BytesIO()
    segno.make(content, micro=False, mode="byte" if isinstance(content, bytes) else None).save(
        made, kind=kind, scale=4, **how
    )
    return made.getvalue()


@pytest.mark.parametrize(
    "picture",
    [
        _code(TEXT), _code(TEXT, dark="darkblue", light="lightyellow"), _code(TEXT, dark="white", light="black"),
        _code(gzip.compress(TEXT.encode())),
    ],
    ids=["plain", "coloured", "inverted", "packed"],
)  # fmt: skip
def test_what_a_qr_code_holds_is_searched(seen: Callable[[bytes], Any], picture: bytes) -> None:
    assert seen(picture).fields >= FIELDS


def test_a_card_in_a_qr_code_names_its_owner_and_another_nobody(seen: Callable[[bytes], Any]) -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:{}\nEND:VCARD"
    assert "members.name" in seen(_code(card.format(NAME))).fields
    assert not seen(_code(card.format("Toni Lenz"))).fields
