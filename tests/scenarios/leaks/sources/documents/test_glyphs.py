"""Texts that a program breaks, escapes or draws letter by letter: each planted by another library, and one clean."""

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from reportlab.pdfgen import canvas

from scenarios.leaks.sources.documents.glyphs import Glyph, lines_of
from tests.scenarios.leaks.sources.conftest import EMAIL, FIELDS, NAME, STREET, TEXT

SAID = f"the lamp of {NAME} {EMAIL} in {STREET}"
CLEAN = "the lamp of nobody is on and nothing else is here"


def letters(text: str, gap: float = 0.0, *, drawn: str = "") -> bytes:
    """Each letter placed by itself; `drawn`: the signs that are left out."""
    made = io.BytesIO()
    page, x = canvas.Canvas(made), 50.0
    for letter in text:
        if letter not in drawn:
            page.drawString(x, 700, letter)
        x += page.stringWidth(letter) + gap
    page.save()
    return made.getvalue()


def wide(text: str) -> bytes:
    return letters(text, 2.2)


def without_spaces(text: str) -> bytes:
    return letters(text, 0.5, drawn=" ")


def rich(text: str) -> bytes:
    runs = "}{\\i ".join(text[at : at + 4] for at in range(0, len(text), 4))
    return f"{{\\rtf1\\ansi {{\\b {runs}}}}}".encode()


def rich_codes(text: str) -> bytes:
    return ("{\\rtf1\\ansi " + "".join(f"\\'{byte:02x}" for byte in text.encode("cp1252")) + "}").encode()


def rich_unicode(text: str) -> bytes:
    return ("{\\rtf1\\ansi\\uc1 " + "".join(f"\\u{ord(letter)}?" for letter in text) + "}").encode()


def postscript(text: str) -> bytes:
    made = io.BytesIO()
    with mpl.rc_context({"ps.fonttype": 3}):
        figure = Figure(figsize=(9, 1))
        figure.text(0.0, 0.5, text)
        figure.savefig(made, format="eps")
    return made.getvalue()


DRAWN = {("postscript", "not recognised")}
MADE = {"pdf": letters, "pdf wide": wide, "rtf": rich, "rtf codes": rich_codes, "rtf unicode": rich_unicode,
        "postscript": postscript}  # fmt: skip


@pytest.mark.parametrize("kind", MADE)
def test_found_as_a_reader_sees_it(seen: Callable[..., Any], kind: str) -> None:
    found = seen(MADE[kind](SAID))
    assert found.fields >= FIELDS
    assert set(found.unread) <= DRAWN
    clean = seen(MADE[kind](CLEAN))
    assert (clean.fields, set(clean.unread) - DRAWN) == (set(), set())


def test_spaces_that_are_not_drawn_are_gaps(seen: Callable[..., Any]) -> None:
    assert seen(without_spaces(SAID)).fields >= FIELDS


def test_postscript_is_never_wholly_read(seen: Callable[..., Any]) -> None:
    assert set(seen(postscript(CLEAN)).unread) == DRAWN


def test_columns_and_lines_stay_apart() -> None:
    placed = [Glyph(text=letter, x=at * 6.0, y=100.0, size=10.0) for at, letter in enumerate("left")]
    placed += [Glyph(text=letter, x=300 + at * 6.0, y=101.0, size=10.0) for at, letter in enumerate("right")]
    placed += [Glyph(text=letter, x=at * 6.0, y=80.0, size=10.0) for at, letter in enumerate("below")]
    assert lines_of(placed[::-1]).split("\n") == ["left", "right", "below"]


def test_a_page_of_whole_words_is_left_alone() -> None:
    assert lines_of([Glyph(text="whole words", x=0.0, y=at * 10.0, size=9.0) for at in range(9)]) == ""


CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nNOTE:{}\r\nEND:VCARD\r\n"
CALENDAR = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDESCRIPTION:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
ENTRY = "dn: uid=1,dc=example\ndescription: {}\nobjectClass: person\n"


@pytest.mark.parametrize("form", [CARD, CALENDAR, ENTRY])
@pytest.mark.parametrize("width", [3, 5, 7, 75])
def test_folded_anywhere(seen: Callable[..., Any], form: str, width: int) -> None:
    def folded(text: str) -> bytes:
        return form.format("\r\n ".join(text[at : at + width] for at in range(0, len(text), width))).encode()

    assert seen(folded(TEXT.strip())).fields >= FIELDS
    assert (seen(folded(CLEAN)).fields, seen(folded(CLEAN)).unread) == (set(), [])
