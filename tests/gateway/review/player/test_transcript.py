import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.review.forms.models import CoveredOut
from gateway.review.player.transcript import WEAVES, covered_out, family, marked, spoken, words_out
from gateway.word_times import CoveredPart, TimedWord

SAID = "call [bank account] <b>now</b>"
TIMES = [
    TimedWord(first=0, after=4, start_ms=120, end_ms=400),
    TimedWord(first=5, after=19, start_ms=400, end_ms=1250, masked="bank_account"),
    TimedWord(first=20, after=30),
]


def test_placeholders_are_set_apart_and_everything_else_is_escaped() -> None:
    assert marked("call [contact] at <b>[bank account]</b> [sic]") == (
        "call <mark>contact</mark> at &lt;b&gt;<mark>bank account</mark>&lt;/b&gt; [sic]"
    )


@given(st.text())
def test_no_transcript_can_open_a_tag(text: str) -> None:
    html = marked(text).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in html
    assert ">" not in html


def test_words_say_their_seconds_and_what_stands_in_for_what_was_masked() -> None:
    assert [word.model_dump() for word in words_out(SAID, TIMES)] == [
        {"at": 0, "text": "call", "start_s": 0.12, "end_s": 0.4, "masked": None},
        {"at": 5, "text": "[bank account]", "start_s": 0.4, "end_s": 1.25, "masked": "bank_account"},
        {"at": 20, "text": "<b>now</b>", "start_s": None, "end_s": None, "masked": None},
    ]


def test_the_page_has_every_word_with_its_time_and_nothing_unescaped() -> None:
    assert spoken(SAID, words_out(SAID, TIMES)) == (
        '<span class="word" data-start="0.120" data-end="0.400">call</span> '
        '<span class="word" data-start="0.400" data-end="1.250"><mark>bank account</mark></span> '
        "&lt;b&gt;now&lt;/b&gt;"
    )
    assert spoken(SAID, []) == marked(SAID)


@given(st.text(alphabet="ab [contact]<>&\"'"), st.data())
def test_the_text_of_the_page_is_the_transcripts(text: str, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    times = [TimedWord(first=a, after=b, start_ms=a, end_ms=b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    plain = re.sub(r"</?(?:span|mark)[^>]*>", "", spoken(text, words_out(text, times)))
    assert "<" not in plain
    assert re.sub(r"[\[\]]", "", plain) == re.sub(r"[\[\]]", "", re.sub(r"</?mark>", "", marked(text)))


@pytest.mark.parametrize(
    ("classes", "drawn"),
    [
        (["contact", "person"], "people"),
        (["phone"], "reach"),
        (["ssn", "card"], "digits"),
        (["unclear"], "unclear"),
        (["contact", "phone"], "mixed"),
    ],
)
def test_every_covered_part_has_a_pattern(classes: list[str], drawn: str) -> None:
    (part,) = covered_out([CoveredPart(start_ms=0, end_ms=500, classes=tuple(classes))])
    assert part == CoveredOut.model_validate({"start_s": 0.0, "end_s": 0.5, "classes": classes})
    assert family(part) == drawn
    assert drawn in dict(WEAVES)
