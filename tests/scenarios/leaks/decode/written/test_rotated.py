"""ROT47 is read where its signs are, and it is no evidence of anything deeper."""

import base64

from scenarios.leaks.decode.layers import Limits, decode
from scenarios.leaks.decode.written.rotated import rot47

# Of the reader's own table nothing is used here: each sign is moved by half of the 94.
MOVED = {code: 33 + (code - 33 + 47) % 94 for code in range(33, 127)}
TEXT = "Call Marigold Ashcombe at +1 541 555 0187, 2735 Hawthorn Street, or write to m.ashcombe@example.org. "


def moved(text: str) -> bytes:
    return text.translate(MOVED).encode()


def test_a_text_is_read_whole_also_where_its_parts_meet() -> None:
    text = "\n".join(f"{at} {TEXT}" for at in range(200))
    assert [(kind, part) for kind, part in rot47(moved(text))] == [("rot47", text.encode())]


def test_of_a_large_plain_file_only_the_surroundings_of_a_sign_are_read() -> None:
    plain = b"nothing to see in this line of an ordinary file\n" * 4_000
    ((_, found),) = rot47(plain + moved(TEXT) + b"\n" + plain)
    assert TEXT.encode() in found
    assert len(found) < 2_000
    assert list(rot47(plain)) == []


def test_what_chance_makes_of_a_text_is_no_evidence_of_something_deeper() -> None:
    inner = base64.b64encode(TEXT.encode()).decode()
    data = moved(f"{TEXT}\n{inner}\n")
    assert decode(data, Limits(depth=1)).cut is None
    assert any(TEXT in layer.text and layer.how[-1] == "base64" for layer in decode(data, Limits(depth=2)).layers)
