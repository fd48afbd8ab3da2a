"""Which utterance a clip is: by id, by sound, by words; and a clip that could be several is none."""

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenarios.kept.join import by_phrase, by_session, by_sound, join, stored_of
from scenarios.kept.read.clip import KeptClip
from simulator.world.truth import Truth
from tests.scenarios.world import recording, said

WORDS = ["alexa", "play", "music", "laura", "call", "lights", "kitchen", "timer", "ten", "minutes"]


def clip(label: str, **more: str | None) -> KeptClip:
    return KeptClip(label=label, session=more.get("session"), text=more.get("text"), record=b"{}")


def truth(*texts: str) -> Truth:
    return Truth(
        seed=1, utterances=tuple(said(f"H0{at}-D1-001", text=text) for at, text in enumerate(texts, 1)), deliveries=()
    )


def test_by_id_and_strangers() -> None:
    known = truth("a", "b")
    joined = by_session([clip("1", session="session-H02-D1-001"), clip("2", session="x"), clip("3")], known)
    assert joined.of == {"1": "H02-D1-001"}
    assert joined.strangers == ("2", "3")


def test_by_words_though_some_are_masked_or_wrong() -> None:
    known = truth("Alexa, call Laura Anders now", "Alexa, play some quiet music", "turn on the kitchen lights")
    clips = [clip("1", text="alexa call [NAME] now"), clip("2", text="alexa play sum quiet music"), clip("3", text="")]
    joined = by_phrase([*clips, clip("4", text="nobody ever said this here")], known)
    assert joined.of == {"1": "H01-D1-001", "2": "H02-D1-001"}
    assert joined.strangers == ("4",)
    assert joined.untold == ("3",)


def test_the_same_words_twice_are_never_guessed() -> None:
    joined = by_phrase([clip("1", text="alexa play music")], truth("alexa play music", "alexa, play music!", "stop it"))
    assert joined.of == {}
    assert joined.untold == ("1",)
    assert joined.candidates == {"H01-D1-001", "H02-D1-001"}


@given(texts=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=5))
def test_every_clip_ends_in_exactly_one_place(texts: list[str]) -> None:
    clips = [clip(str(at), text=text) for at, text in enumerate(texts)]
    joined = by_phrase(clips, truth(*texts[::-1]))
    places = [*joined.of, *joined.strangers, *joined.untold]
    assert sorted(places) == sorted(each.label for each in clips)


def test_by_sound_though_cut_quieter_and_silenced() -> None:
    sent = {f"H0{at}-D1-001": recording(seed=at) for at in range(1, 5)}
    cut = sent["H02-D1-001"][8_000:40_000].copy()
    quiet = (sent["H03-D1-001"].astype(float) * 0.37).astype(np.int16)
    muted = sent["H04-D1-001"].copy()
    muted[10_000:30_000] = 0
    heard = {"1": cut, "2": quiet, "3": muted, "4": recording(seed=99), "6": np.zeros(16_000, np.int16)}
    joined = by_sound([clip(label) for label in "123456"], heard, sent)
    assert joined.of == {"1": "H02-D1-001", "2": "H03-D1-001", "3": "H04-D1-001"}
    assert joined.strangers == ("4",)
    assert joined.untold == ("5", "6")
    assert joined.candidates == set(sent)


def test_one_recording_sent_twice_is_never_guessed() -> None:
    one = recording(seed=1)
    joined = by_sound([clip("1")], {"1": one[4_000:]}, {"a": one, "b": one.copy(), "c": recording(seed=3)})
    assert joined.of == {}
    assert joined.candidates == {"a", "b"}


def test_what_is_untold_is_not_in_the_ledger_and_a_stranger_is_nobodys() -> None:
    known = truth("a", "b")
    clips = [clip("1", session="session-H01-D1-001"), clip("2", session="x"), clip("3")]
    joined = msgspec.structs.replace(by_session(clips, known), strangers=("2",), untold=("3",))
    made = stored_of(joined, clips, known, b"k" * 32)
    assert [each.ref for each in made] == ["1", "2"]
    assert len({each.tag for each in made}) == 2


def test_counting_joins_nothing() -> None:
    assert join("count", [clip("1")], truth("a"), {}, {}).of == {}
