"""A mark may stand without food behind it, never food without its mark; and both searches see the same marks."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.leaks.decode.encodings import in_text
from scenarios.leaks.decode.expressions import MARKS
from scenarios.leaks.decode.signals import ALL, signals

ALPHABET = "abcdefXYZ0123456789%&#;\\ux<>/=+-_.,:{}[]\"' \n()*°\u2022dataonetwo"


def test_plain_text_has_no_mark() -> None:
    assert signals().present(b"Turn on the lights in the kitchen, please. Thank you!") == frozenset()


@pytest.mark.parametrize("plain", [False, True])
def test_every_mark_can_be_seen(plain: bool) -> None:
    text = (
        "%41 &#65; \\u0041 <b> =41=\n Abcdefghijkl12345678 deadbeefdeadbeef "
        "MFRGGZDFMZTWQ2LK 42.1945 5\u00b0 12' 4211234567 "
        "Abcdefghijkl12345678\nAbcdefghijkl12345678\n "
        '"a": 1 five four one two three drei vier \ndata: x\ndata: y\n{}\n{} 42,11.5N /17/20860/48475 '
        "84QV57VR+RQ 541-***-0142 9q8yyk8y "
        + "41%" * 5 + "%5n" * 5
        + " 01000001 01000010 xn--a data-cfemail= begin 644 x\n +AOs- JÃ¼ [82, 111, 115, 97, 108, 105] "
        + ' "0":82,"1":111 literal 9\nz literal \x1b$B a\bb Z\\\'elie b\' . \'c \u4e00\u4e00 '
        + " 10 N 481234 4671234 de:ad:be:ef:12:34"
        + " inter-\nval pre**fix** 1,234,567,890 a+b@ Chr(82) "
        + f" _p~iF~ps|U 3857 01{'0' * 40} "
        + " \\4c \\65 \\6f \\6e 6RS3IC1I70R3IC1I E96 4@> 67.117.115.116.111.109.101.114.32.65 =?utf-8?Q?a?= AB<<CD"
        + " a(at)b.c a@(b)c 43h, 44h, 45h, 46h, 47h, 48h, 49h, 'a', 'b', 'c', 'd', 'e', 'f' "
        + " \\1\\2\\3\\4 5\\-5 \\C3\\A1 _x0020_ z stdout P z "
        + " a ##b \\\n 5 4 1, 5 5 first='a' ] E96 J\\(:u concat('a <~87cURD]i "
        + " 87cURD]i,\"Ebo80 87cURD]i NM&qnZ!92JZ*pv8AqNM&qn "
    ).encode()  # fmt: skip
    assert signals(plain=plain).present(text) >= ALL - {"base85", "ascii85"}


@given(st.text(alphabet=ALPHABET, max_size=120))
@example("cb=eHl6eHl6")
@example("MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U")
@example("0000000**")
@example("00:\\)000")
@example("00(0)00000")
def test_no_reader_finds_anything_without_its_mark(text: str) -> None:
    data = text.encode()
    seen = signals().present(data)
    assert seen == signals(plain=True).present(data)
    assert _telling(in_text(text, noise=False, marks=seen)) == _telling(in_text(text, noise=False))


def _telling(found: Iterator[Any]) -> set[tuple[str, bytes]]:
    """Spoken runs are shorter than any needle before their mark shows; so is what six bytes hold."""
    return {(step, data) for step, data in found if step != "spoken" and len(data) > 6}


def test_marks_are_expressions() -> None:
    assert set(MARKS) == ALL


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"bind to 0.0.0.0 or 1.2.3.4 now", False),
        (b"bind 4.1.5.5 five, then five", True),
        (b"five, and then 4.1.5.5 now", True),
        (b"it is spelled a-d-a-l here", True),
        (b"it is 4 1 5 x 5 here", True),
    ],
)
def test_digits_alone_are_not_said(plain: bool, text: bytes, expected: bool) -> None:
    assert ("said" in signals(plain=plain).present(text)) is expected
    assert ("said" in signals(plain=plain).present(text + b" and so on, and on" * 400)) is expected
