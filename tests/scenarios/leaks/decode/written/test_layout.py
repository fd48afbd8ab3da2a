"""What a page, a table, a query or a mail server puts into a value: read without it, and nothing more is read."""

import subprocess

import pytest

from scenarios.leaks.decode.layers import Limits, decode
from tests.scenarios.leaks.decode.test_kinds import PLAIN


def _steps(text: str) -> dict[str, str]:
    return {"/".join(layer.how): layer.text for layer in decode(text.encode(), Limits()).layers}


@pytest.mark.parametrize(
    ("step", "written", "value"),
    [
        ("hyphenated", "as Rosa-\nlind Quin-\n    tero said", "Rosalind Quintero"),
        ("hyphenated", "> the caller Rosa-\r\n> lind Quintero", "Rosalind Quintero"),
        ("emphasis", "ask Rosalind **Quin**tero first", "Rosalind Quintero"),
        ("emphasis", "ask Rosa~~l~~ind Quintero first", "Rosalind Quintero"),
        ("thousands", "phone,15,415,550,142;", "15415550142"),
        ("mailbox", "to: thessaly.m+shop@example.net", "thessaly.m@example.net"),
        ("mailbox", "SRS0=3nZ0=QX=example.net=thessaly.m@relay.example", "thessaly.m@example.net"),
        (
            "mailbox",
            "SRS1=HHH=one.example==3nZ0=QX=example.net=thessaly.m@two.example",
            "thessaly.m@example.net",
        ),
        ("codes", "CONCAT(" + ",".join(f"CHAR({ord(c)})" for c in PLAIN) + ")", PLAIN),
        ("codes", " & ".join(f"Chr({ord(c)})" for c in PLAIN), PLAIN),
        ("codes", "||".join(f"nchar(0x{ord(c):x})" for c in PLAIN), PLAIN),
    ],
)
def test_a_value_is_read_without_what_was_put_in(step: str, written: str, value: str) -> None:
    assert value in _steps(written).get(step, "")


@pytest.mark.parametrize(
    "written", ["1,234,567", "v1,234,567,890,123", "from a +1@2", "char(1) char(2)", "a well-\nKnown"]
)
def test_what_only_looks_so_is_left_alone(written: str) -> None:
    assert _steps(written).keys().isdisjoint({"thousands", "emphasis", "mailbox", "codes", "hyphenated"})


@pytest.mark.parametrize(
    ("command", "step"),
    [
        (["perl", "-0777", "-ne", "print pack('u', $_)"], "uuencode"),
        (["od", "-An", "-tx1"], "hex"),
        (["od", "-An", "-tx1", "-w8"], "hex"),
    ],
)
def test_dumps_without_a_head_are_read_over_their_lines(command: list[str], step: str) -> None:
    text = f"The caller said: {PLAIN}, and that is all there is."
    written = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout.decode()
    assert text in _steps(written).get(step, "")


def test_the_return_to_ascii_is_taken_out_of_japanese_mail() -> None:
    name, street = "\u4f50\u3005\u6728 \u5065\u592a\u90ce", "\u672c\u90f73\u4e01\u76ee12\u756a7\u53f7"
    written = f"{name} {street}".encode("iso2022_jp").decode("ascii")
    assert f"{name} {street}" in _steps(written)["iso2022-jp-2"]


def test_degrees_and_minutes_without_signs_have_their_mark() -> None:
    assert "degrees" in decode(b"at 42 11.6746 N, 122 42.5686 W", Limits()).layers[0].marks
