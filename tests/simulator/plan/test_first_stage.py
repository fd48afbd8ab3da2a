"""The first stage: what wakes a device, by shares that were measured, and what it then sends."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from gateway.files import BadFile
from gateway.identities import Identities
from simulator.commands.recall import first_stage
from simulator.plan.first_stage import FIRST_STAGE, load_shares
from simulator.plan.plan import FleetSettings, Mix, plan_fleet
from simulator.sound.voices import load_voices
from simulator.world.utterances import load_phrasebook

HEARS = FleetSettings(utterances_per_device=12, wakes="measured", voices="any")
ALL = msgspec.structs.replace(HEARS, wakes="every_sound")


def test_every_voice_and_every_line_without_a_slot_was_measured() -> None:
    shares, book = load_shares(), load_phrasebook()

    assert set(shares.voices) == {voice.name for voice in load_voices("any")}
    lines = (*book.false_wake.literature, *book.false_wake.engine, *book.false_wake.conversation)
    assert {line for line in (*lines, *book.distress, *book.television) if "{" not in line} == set(shares.lines)
    assert set(shares.sounds) >= {"pink"}


def test_it_is_permissive_where_the_gateway_is_not_and_hears_little_else() -> None:
    shares = load_shares()
    understood = [shares.voices[voice.name] for voice in load_voices("understood")]
    engine = [shares.of_line("engine", line) for line in load_phrasebook().false_wake.engine]

    assert np.mean(understood) >= 0.98
    assert np.mean(engine) > 0.5
    assert shares.kinds["television"] < 0.05
    assert shares.of_line("conversation", "nobody measured this") == shares.kinds["conversation"]
    assert shares.of_request("nobody") == pytest.approx(np.mean(list(shares.voices.values())))


def test_a_device_sends_what_it_wakes_at_and_the_rest_is_accounted_for(identities: Identities) -> None:
    heard, everything = plan_fleet(HEARS, identities), plan_fleet(ALL, identities)

    sent = {said.utterance_id: said for said in heard.utterances}
    slept = {each.utterance_id: each for each in heard.unsent}
    assert sent.keys() | slept.keys() == {said.utterance_id for said in everything.utterances}
    assert not sent.keys() & slept.keys()
    assert [sent[said.utterance_id] for said in everything.utterances if said.utterance_id in sent] == [*sent.values()]
    assert {each.why for each in slept.values()} == {"not_woken"}
    assert not any(each.kind == "button" for each in slept.values()), "a press wakes it whatever is heard"
    assert not any(said.kind == "noise" for said in sent.values())
    wakes = [said for said in everything.utterances if said.kind == "wake"]
    assert 0.6 < np.mean([said.utterance_id in sent for said in wakes]) < 0.95, "measured: .8 of all speakers"


def test_it_sleeps_through_as_many_confusables_as_the_engine_did(identities: Identities) -> None:
    only = Mix(wake=0, button=0, false_wake=1, noise=0, muted=0)
    plan = plan_fleet(msgspec.structs.replace(HEARS, mix=only, utterances_per_device=30), identities)
    sent = [said.intent for said in plan.utterances if said.kind == "false_wake"]
    slept = [each.intent for each in plan.unsent if each.kind == "false_wake"]

    for kind, share in load_shares().kinds.items():
        count = sent.count(kind) + slept.count(kind)
        if count:
            assert sent.count(kind) / count == pytest.approx(share, abs=0.1)


def test_neighbours_do_not_change_what_wakes_a_device(identities: Identities) -> None:
    few = identities.model_copy(update={"households": identities.households[:3]})

    assert (
        plan_fleet(HEARS, few).devices == plan_fleet(HEARS, identities).devices[: len(plan_fleet(HEARS, few).devices)]
    )


@pytest.mark.slow
def test_it_is_measured_by_whatever_scores(identities: Identities) -> None:
    voices = [*load_voices("understood")[:3], *[v for v in load_voices("any") if not v.understood][:1]]
    loud = first_stage(voices, load_phrasebook(), identities.households[0], lambda pcm: float(len(pcm) < 80_000))

    assert set(loud.voices) == {voice.name for voice in voices}
    assert set(loud.lines) == set(load_shares().lines)
    assert loud.sounds == {"pink": 1.0, "dishes": 1.0, "music": 1.0}
    assert 0 < loud.kinds["conversation"] + loud.kinds["engine"] < 2


def test_a_wrong_file_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "first_stage.yaml"
    path.write_text(FIRST_STAGE.read_text() + "sound: {}\n")

    with pytest.raises(BadFile, match="sound: unknown key; did you mean sounds"):
        load_shares(path)
