"""A fleet speaks with own recordings beside the voices; the truth says what nobody knows of them."""

import pytest

from simulator.device.fleet import FleetSettings, Mix, plan_fleet, told
from simulator.sound.recordings import Corpus, read_corpus
from simulator.sound.scenes import render
from simulator.world.households import make_identities
from tests.simulator.sound.test_recordings import recorded

HOMES = make_identities(seed=7, households=6)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("own")
    recorded(folder / "wake" / "told.wav", "alexa stop the music", told="alexa stop the music")
    recorded(folder / "wake" / "untold.wav", "alexa stop")
    recorded(folder / "other" / "talk.wav", "the weather is fine")
    return read_corpus(folder)


def test_requests_and_false_wakes_are_recordings_and_the_rest_is_not(corpus: Corpus) -> None:
    settings = FleetSettings(recordings=corpus, utterances_per_device=6, talk_before=0.5)
    planned = plan_fleet(settings, HOMES).utterances
    for said in planned:
        first = said.scene.sayings[0].recording if said.scene.sayings else None
        if said.kind == "wake":
            assert first in corpus.wake
        elif said.kind == "false_wake":
            assert first in corpus.other
        elif said.trigger == "button":
            assert first is None
    assert {said.kind for said in planned} >= {"wake", "false_wake", "button"}
    assert any(each.recording for said in planned for each in said.scene.before)


def test_the_truth_says_what_is_not_known(corpus: Corpus) -> None:
    only = FleetSettings(recordings=corpus, mix=Mix(wake=1, button=0, false_wake=0, noise=0, muted=0), talk_after=0)
    seen: set[tuple[str, ...]] = set()
    for said in plan_fleet(only, HOMES).utterances:
        truth = told(said, render(said.scene))
        if said.kind == "wake" and not seen >= {truth.unknown}:
            seen.add(truth.unknown)
            assert bool(truth.words) == ("words" not in truth.unknown)
            assert truth.speakers == ()
            assert said.intent == "recorded"
    assert seen == {("secrets", "speakers"), ("secrets", "speakers", "words")}


def test_a_voice_leaves_nothing_unknown(corpus: Corpus) -> None:
    none = FleetSettings(recordings=corpus, recorded=0.0)
    assert {told(said, render(said.scene)).unknown for said in plan_fleet(none, HOMES).utterances[:3]} == {()}


def test_every_recording_wakes_a_device(corpus: Corpus) -> None:
    settings = FleetSettings(recordings=corpus, wakes="measured", mix=Mix(button=0, noise=0, muted=0))
    assert plan_fleet(settings, HOMES).unsent == ()
