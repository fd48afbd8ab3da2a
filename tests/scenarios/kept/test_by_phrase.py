"""Which utterance a clip is, by its words; and a clip that could be several is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.kept.by_phrase import by_phrase
from scenarios.kept.words import words_of
from tests.scenarios.kept.clips import clip, truth

WORDS = ["alexa", "play", "music", "laura", "call", "lights", "kitchen", "timer", "ten", "minutes"]


def test_by_words_though_some_are_masked_or_wrong() -> None:
    known = truth("Alexa, call Laura Anders now", "Alexa, play some quiet music", "turn on the kitchen lights")
    clips = [clip("1", text="alexa call [NAME] now"), clip("2", text="alexa play sum quiet music"), clip("3", text="")]
    joined = by_phrase([*clips, clip("4", text="nobody ever said this here")], known)
    assert joined.of == {"1": "H01-D1-001", "2": "H02-D1-001"}
    assert joined.strangers == ("4",)
    assert set(joined.untold) == {"3"}


def test_the_same_words_twice_are_never_guessed() -> None:
    joined = by_phrase([clip("1", text="alexa play music")], truth("alexa play music", "alexa, play music!", "stop it"))
    assert joined.of == {}
    assert set(joined.untold) == {"1"}
    assert joined.candidates == {"H01-D1-001", "H02-D1-001"}


@given(texts=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=5))
def test_every_clip_ends_in_exactly_one_place(texts: list[str]) -> None:
    clips = [clip(str(at), text=text) for at, text in enumerate(texts)]
    joined = by_phrase(clips, truth(*texts[::-1]))
    places = [*joined.of, *joined.strangers, *joined.untold]
    assert sorted(places) == sorted(each.label for each in clips)


def test_a_mask_hides_how_long_a_sentence_was() -> None:
    known = truth("alexa what is the weather", "alexa what is the weather in Ashland", "alexa stop")
    joined = by_phrase(
        [clip("1", text="alexa what is the weather [PLACE]"), clip("2", text="alexa what is ...")], known
    )
    assert joined.of == {}
    assert set(joined.untold) == {"1", "2"}
    assert joined.candidates == {"H01-D1-001", "H02-D1-001"}
    assert by_phrase([clip("1", text="alexa what is the weather")], known).of == {"1": "H01-D1-001"}


@pytest.mark.parametrize(
    "mask", ["[NAME] [PLACE]", "<name> <given name>", "{secret} {name}", "*** ***", "___ ... …", "XXXX xxx"]
)
def test_masks_alone_are_nobodys_words(mask: str) -> None:
    assert words_of(mask) == []
    joined = by_phrase([clip("1", text=mask)], truth("alexa play music"))
    assert (joined.strangers, set(joined.untold)) == ((), {"1"})


@pytest.mark.parametrize(
    "mark", ["PERSON", "XX-XX", "(hidden)", "beep", "REDACTED_NAME", "###", "\u2588\u2588", "-", ""]
)
def test_whatever_stands_for_a_hidden_word_makes_nobody_a_stranger(mark: str) -> None:
    """Neither is the shorter sentence taken for the longer one of which words are hidden."""
    known = truth(
        "call mother", "has my parcel to wood lane been sent", "has my parcel to the old lane been sent", "stop"
    )
    clips = [clip("1", text=f"call {mark}"), clip("2", text=f"has my parcel to {mark} {mark} been sent")]
    joined = by_phrase(clips, known)
    assert joined.strangers == ()
    assert "2" in joined.untold
    assert joined.candidates >= {"H02-D1-001", "H03-D1-001"}


def test_words_that_nobody_said_are_no_marks_where_there_are_many_of_them() -> None:
    clips = [clip(name, text="nobody ever said this here") for name in "12"]
    assert by_phrase(clips, truth("alexa play music")).strangers == ("1", "2")


def test_two_words_alone_do_not_tell_that_nobody_said_them() -> None:
    assert set(by_phrase([clip("1", text="call beep")], truth("call mother", "stop")).untold) == {"1"}


def test_where_words_are_left_out_elsewhere_the_shortest_sentence_is_not_taken() -> None:
    known = truth("alexa what is the weather", "alexa what is the weather in ashland", "has my parcel been sent today")
    plain = clip("1", text="alexa what is the weather")
    assert by_phrase([plain], known).of == {"1": "H01-D1-001"}
    left_out = by_phrase([plain, clip("2", text="has my parcel been sent")], known)
    assert (set(left_out.untold), left_out.of) == ({"1"}, {"2": "H03-D1-001"})


def test_a_mark_that_is_seen_once_is_told_by_its_signs_or_capitals() -> None:
    weather = truth("alexa what is the weather", "alexa what is the weather in ashland")
    assert by_phrase([clip("1", text="alexa what is the weather ###")], weather).of == {}
    told = by_phrase([clip("1", text="tell REDACTED PHONE NUMBER")], truth("tell laura five five one"))
    assert (told.strangers, set(told.untold)) == ((), {"1"})
