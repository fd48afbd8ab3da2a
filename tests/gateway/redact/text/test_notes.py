"""Others read of a reviewer's note what the transcript shows anyway, and no name or number."""

from typing import get_args

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.contract.model import MaskClass
from gateway.redact.language.words import every_function_word, words_of
from gateway.redact.text.notes import shareable

SHOWN = "alexa send a message to [contact] that dinner is ready"


def test_what_the_transcript_shows_passes_and_names_do_not() -> None:
    assert shareable("Alexa send a message to Laura that dinner is ready", SHOWN) == (
        "Alexa send a message to [contact] that dinner is ready"
    )
    assert shareable("Laura owes me dinner", SHOWN) == "[person] [unclear] me dinner"
    assert shareable("card 4242 4242 4242 4242", SHOWN) == "[unclear] [card]"
    assert shareable("", SHOWN) == ""


@given(st.text(max_size=80))
@example("A0Aß")  # a licence plate
def test_no_other_word_gets_through(text: str) -> None:
    allowed = {word.low for word in words_of(SHOWN)} | every_function_word()
    labels = {word for name in (*get_args(MaskClass), "unclear") for word in name.split("_")}
    assert {word.low for word in words_of(shareable(text, SHOWN))} <= allowed | labels
