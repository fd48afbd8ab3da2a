"""Which utterance a clip is, by its sound; and a clip that could be several is none."""

import numpy as np

from scenarios.kept.by_sound import by_sound
from tests.scenarios.kept.clips import clip
from tests.scenarios.world import recording


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
    assert set(joined.untold) == {"5", "6"}
    assert joined.candidates == set(sent)


def test_one_recording_sent_twice_is_never_guessed() -> None:
    one = recording(seed=1)
    joined = by_sound([clip("1")], {"1": one[4_000:]}, {"a": one, "b": one.copy(), "c": recording(seed=3)})
    assert joined.of == {}
    assert joined.candidates == {"a", "b"}


def test_a_short_rest_anywhere_is_enough_and_too_little_is_nobodys() -> None:
    sent = {"a": recording(seed=1), "b": recording(seed=2)}
    rest, click = np.zeros(48_000, np.int16), np.zeros(48_000, np.int16)
    rest[7_000:7_640] = sent["b"][7_000:7_640]
    click[20_000:20_300] = recording(seed=9)[20_000:20_300]
    joined = by_sound([clip("1"), clip("2")], {"1": rest, "2": click}, sent)
    assert joined.of == {"1": "b"}
    assert (joined.strangers, joined.untold) == ((), {"2": frozenset(sent)})
