"""Words that give a household away are found, in written and spoken forms; ordinary sentences stay whole."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clip import Span
from gateway.contract import load_contract
from gateway.redact.transcript import find_spans, luhn, mask, merge
from gateway.vault_door import SiteFacts

CLASSES = load_contract("strict").redact.transcript.mask
FACTS = SiteFacts(
    household_key="k",
    consent=True,
    names=("Ada Lovelace", "Ada", "Lovelace", "Laura Ní Dhomhnaill"),
    contact_names=("Laura Ní Dhomhnaill",),
    emails=("ada@mail.test",),
    streets=("12 Oak Hill Road",),
)


def masked(text: str) -> str:
    return mask(text, find_spans(text, FACTS, CLASSES))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("alexa send a message to laura", "alexa send a message to [contact]"),
        ("Alexa, call Laura's sister", "Alexa, call [contact] sister"),
        ("ada will be late", "[person] will be late"),
        ("alexa message bartholomew please", "alexa message [contact] please"),
        ("my number is five four one double five five oh one double two", "my number is [phone]"),
        ("call me on 541-555-0122 tonight", "call me on [phone] tonight"),
        ("it is four one one one one one one one one one one one one one one one", "it is [card]"),
        ("my social is one two three four five six seven eight nine", "my social is [ssn]"),
        ("account one two three four five six seven eight nine oh one two", "account [bank account]"),
        ("the code is four seven two", "the code is [number]"),
        ("write to ada@mail.test now", "write to [email] now"),
        ("we live at twelve oak hill road near the park", "we live at [address] near the park"),
        ("it is at 1200 west main street", "it is at [address]"),
        ("oak hill was lovely", "[address] was lovely"),
    ],
)
def test_what_identifies_is_masked(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "alexa set a timer for five minutes",
        "alexa wake me at half past six",
        "alexa what is the weather in ashland",
        "alexa play some jazz in the living room",
        "put two eggs and bread on the list",
        "did you feed the cat",
        "twenty one of them came",
        "tell me a joke",
        "call me when you are home",
    ],
)
def test_ordinary_sentences_stay_whole(text: str) -> None:
    assert masked(text) == text


@given(st.text(max_size=120))
def test_any_text_gives_ordered_spans_within_it(text: str) -> None:
    spans = find_spans(text, FACTS, CLASSES)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(span.label in CLASSES for span in spans)


@given(st.text("abcdefghij ", max_size=40), st.sampled_from(["Laura", "ADA", "lovelace"]), st.text(" ,.!", max_size=3))
def test_a_known_name_never_survives(before: str, name: str, after: str) -> None:
    assert name not in masked(f"{before} {name}{after}")


def test_only_the_classes_asked_for_are_masked() -> None:
    text = "laura has four one one two three four five"
    assert mask(text, find_spans(text, FACTS, ("phone",))) == "laura has [phone]"
    assert find_spans(text, FACTS, ()) == []


def test_overlapping_spans_become_one() -> None:
    spans = [Span(start=4, end=9, label="a"), Span(start=0, end=5, label="b"), Span(start=20, end=21, label="c")]
    assert merge(spans) == [Span(start=0, end=9, label="b"), Span(start=20, end=21, label="c")]


def test_luhn_knows_a_card_from_a_typing_error() -> None:
    assert luhn("4111111111111111")
    assert not luhn("4111111111111112")
