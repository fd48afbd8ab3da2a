"""Words that give a household away are found, in written and spoken forms; ordinary sentences stay whole."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clip import Span
from gateway.contract.model import load_contract
from gateway.redact.language.words import Word, words_of
from gateway.redact.text.transcript import find_spans, mask, merge
from gateway.vault.messages import SiteFacts

ORDINARY = Path(__file__).parent / "ordinary.txt"
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
        ("we live at oak hill", "we live at [address]"),
        ("it is forty two oak hill", "it is [address]"),
        ("my name is bartholomew jones", "my name is [person]"),
        ("this is cordelia speaking", "this is [person] speaking"),
        ("lora will be late", "[person] will be late"),
        ("lowra will be late", "[contact] will be late"),
        ("it is l a u r a", "it is [contact]"),
        ("L-A-U-R-A it is", "[contact] it is"),
        ("lima alpha uniform romeo alpha is the name", "[contact] is the name"),
        ("z e b e d e e came", "[person] came"),
        ("text mister henderson", "text [contact] [person]"),
        ("my email is ada dot l at gmail dot com ok", "my email is [email] ok"),
        ("s o p h i e at hotmail dot com", "[email]"),
        ("card four two four two the two four two four two four two four two four two", "card [card]"),
        ("call me on five four one five five five oh one double two", "call me on [phone]"),
        ("my phone number is the four one five five five oh one double two", "my phone number is [phone]"),
        ("send a message to the", "send a message to [contact]"),
        ("text the that dinner is ready", "text [contact] that dinner is ready"),
        ("we live at the twenty seven oak hill road", "we live at [address]"),
        ("it is forty two oak hill for dinner", "it is [address] dinner"),  # "road", misheard
        ("passport number c oh one two three four five six seven", "passport number [bank account]"),
        ("wire it to oh two one oh oh oh oh two one", "wire it to [bank account]"),
        ("\uff14\uff11\uff11\uff11 1111 1111 1111 is it", "[card] is it"),
        ("it is \u00b2\u00b2\u00b2\u00b2", "it is [number]"),
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
        "wake me at six thirty",
        "the oven has to be at two hundred degrees",
        "call my sister",
        "a nexus phone lay on the table",
    ],
)
def test_ordinary_sentences_stay_whole(text: str) -> None:
    assert masked(text) == text


@pytest.mark.slow
def test_ordinary_talk_is_hardly_masked() -> None:
    lines = ORDINARY.read_text().splitlines()
    words = [word for line in lines for word in words_of(line)]
    lost = [word for line in lines for word in words_of(line) if hidden(line, word)]
    assert len(words) > 500
    assert len(lost) / len(words) < 0.01


def hidden(line: str, word: Word) -> bool:
    return any(span.start < word.end and word.start < span.end for span in find_spans(line, FACTS, CLASSES))


@given(st.text(max_size=120))
def test_any_text_gives_ordered_spans_within_it(text: str) -> None:
    spans = find_spans(text, FACTS, CLASSES)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(span.label in CLASSES for span in spans)


@given(st.text("abcdefghij ", max_size=40), st.sampled_from(["Laura", "ADA", "lovelace"]), st.text(" ,.!", max_size=3))
def test_a_known_name_never_survives(before: str, name: str, after: str) -> None:
    assert name not in masked(f"{before} {name}{after}")


VOCABULARY = (
    "alexa call message text send let to for at the a is my name l a u r a laura lovelace oak hill road apartment four "
    "double two oh hundred and number card gmail dot com ada as lion mister doctor this speaking thirty know please"
).split()


@settings(max_examples=400)
@given(st.lists(st.sampled_from(VOCABULARY), max_size=9))
def test_any_order_of_telling_words_gives_spans_and_hides_the_names(words: list[str]) -> None:
    text = " ".join(words)
    left = mask(text, find_spans(text, FACTS, CLASSES)).split()
    assert "laura" not in left
    assert "lovelace" not in left


def test_only_the_classes_asked_for_are_masked() -> None:
    text = "laura has four one one two three four five"
    assert mask(text, find_spans(text, FACTS, ("phone",))) == "laura has [phone]"
    assert find_spans(text, FACTS, ()) == []


def test_overlapping_spans_become_one() -> None:
    spans = [Span(start=4, end=9, label="a"), Span(start=0, end=5, label="b"), Span(start=20, end=21, label="c")]
    assert merge(spans) == [Span(start=0, end=9, label="b"), Span(start=20, end=21, label="c")]
