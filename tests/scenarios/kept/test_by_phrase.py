"""Which utterance a clip is, by its words; and a clip that could be several is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.kept.by_phrase import by_phrase, words_of
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
