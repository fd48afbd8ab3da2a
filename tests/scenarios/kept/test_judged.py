"""Somebody's own system, judged by what it kept: each fault is found and named, and a mended one alarms nobody."""

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.contract.model import load_contract
from gateway.identities import parse_identities
from scenarios.commands.judge import recordings
from scenarios.kept.asked import Asked
from scenarios.kept.judged import detector_of, judged
from scenarios.kept.read.clip import Read
from scenarios.kept.read.readers import read_kept
from scenarios.leaks.detector import LeakDetector
from scenarios.model.must_keep import as_contract_wants
from scenarios.model.scenario import Gating, Scenario
from scenarios.report.made import Made
from scenarios.report.result import RunResult
from scenarios.verdict import Outcome
from simulator.world.truth import Utterance
from tests.scenarios.kept.fleet import Fleet, fleet, kept_in, muted, record, target_in, truth_in

CONTRACT = load_contract("strict")
MADE = Made(started="", seconds=0, earlid="", target="", machine="", operator=None, command="earlid judge")


@pytest.fixture(scope="module")
def small() -> Fleet:
    return fleet()


@pytest.fixture(scope="module")
def many() -> Fleet:
    return fleet(seed=7, households=8, each=5)


@functools.cache
def detector(identities: bytes) -> LeakDetector:
    return detector_of(parse_identities(identities, "identities"))


def wanted(fleet: Fleet) -> list[Utterance]:
    """What the contract wants kept, as it was said."""
    truth = as_contract_wants(fleet.truth, CONTRACT, fleet.identities)
    return [said for said in truth.utterances if said.expected == "keep"]


def judge(
    folder: Path, fleet: Fleet, records: Sequence[Any], *, join: str = "exact", sent: Any = None, read: Any = None
) -> RunResult:
    kept_in(folder, records)
    target = target_in(folder, join)
    asked = Asked(
        target=target,
        contract=CONTRACT,
        identities=fleet.identities,
        truth=fleet.truth,
        sent=fleet.sent if sent is None else sent,
        gating=Gating(max_false_accept_share=0.0),
        out=folder / "out",
    )
    return judged(asked, read or read_kept(target, folder), detector(fleet.identities.to_json()), MADE)


def outcomes(result: RunResult) -> dict[str, str]:
    return {verdict.check: verdict.outcome.value for verdict in result.verdicts}


@pytest.mark.parametrize("join", ["exact", "sound"])
def test_a_system_that_keeps_what_it_should_alarms_nobody(tmp_path: Path, small: Fleet, join: str) -> None:
    result = judge(tmp_path, small, [record(said, muted(small, said)) for said in wanted(small)], join=join)
    assert outcomes(result) == dict.fromkeys(outcomes(result), "pass"), [v.why for v in result.verdicts]
    assert len(outcomes(result)) == 6


@pytest.mark.parametrize("join", ["exact", "sound"])
def test_a_system_that_keeps_everything_is_named(tmp_path: Path, small: Fleet, join: str) -> None:
    everything = [record(said, muted(small, said)) for said in small.truth.utterances]
    result = judge(tmp_path, small, everything, join=join)
    assert outcomes(result)["should_not_exist"] == "fail"
    assert outcomes(result)["gating"] == "fail"
    muted_ones = {said.utterance_id for said in small.that("muted")}
    assert muted_ones <= {
        row.utterance.utterance_id for row in result.ledger.rows if row.disposition == "should_not_exist"
    }


def test_each_fault_turns_its_check_red_alone(tmp_path: Path, small: Fleet) -> None:
    good = [record(said, muted(small, said)) for said in wanted(small)]
    home = small.identities.households[0].home
    assert home is not None
    false_wake = small.that("false_wake")[0]
    telling = next(
        said for said in wanted(small) if any(word.secret and word.end - word.start > 4_000 for word in said.words)
    )
    placed = {**good[0], "device": {"at": [home.latitude, home.longitude]}}
    audible = [
        record(said, small.sent[said.utterance_id] if said is telling else muted(small, said)) for said in wanted(small)
    ]
    faults = {
        "gating": [*good, record(false_wake, muted(small, false_wake))],
        "leaks": [placed, *good[1:]],
        "spoken_secrets": audible,
        "conservation": [*good, good[0]],
    }
    for number, (check, records) in enumerate(faults.items()):
        found = outcomes(judge(tmp_path / str(number), small, records))
        assert [name for name, outcome in found.items() if outcome != "pass"] == [check]


def test_an_identity_in_the_container_of_a_sound_is_found(tmp_path: Path, small: Fleet) -> None:
    import base64

    said = wanted(small)[0]
    one = record(said, muted(small, said))
    wav = base64.b64decode(one["sound"]["data"]) + (small.identities.households[0].devices[0].serial or "").encode()
    one["sound"]["data"] = base64.b64encode(wav).decode()
    result = judge(tmp_path, small, [one])
    (found,) = {finding.where.name for verdict in result.verdicts for finding in verdict.findings}
    assert found == "kept sound"


def test_a_request_that_is_not_there_without_receipts_is_no_pass(tmp_path: Path, small: Fleet) -> None:
    requests = wanted(small)
    heard = next(said for said in requests if said.acoustic)
    result = judge(tmp_path, small, [record(said, muted(small, said)) for said in requests if said is not heard])
    verdict = next(v for v in result.verdicts if v.check == "conservation")
    assert verdict.outcome is Outcome.UNKNOWN
    assert "no receipt says why" in verdict.why
    assert heard.utterance_id in verdict.why


def test_a_button_request_that_is_not_there_is_lost(tmp_path: Path, small: Fleet) -> None:
    requests = wanted(small)
    button = next(said for said in requests if said.kind == "button" and not said.acoustic)
    result = judge(tmp_path, small, [record(said, muted(small, said)) for said in requests if said is not button])
    assert outcomes(result)["conservation"] == "fail"


def test_what_the_target_cannot_offer_is_not_checked_and_says_what_to_add(tmp_path: Path, small: Fleet) -> None:
    good = [record(said, muted(small, said)) for said in wanted(small)]
    counted = judge(tmp_path, small, good, join="count")
    for name in ("conservation", "should_not_exist", "gating", "spoken_secrets"):
        verdict = next(v for v in counted.verdicts if v.check == name)
        assert verdict.outcome is Outcome.UNKNOWN
        assert verdict.why.startswith("not checked: ")
        assert "join: exact" in verdict.why
    silent = judge(tmp_path, small, good, sent={})
    verdict = next(v for v in silent.verdicts if v.check == "spoken_secrets")
    assert "truth.scenes.json" in verdict.why


def test_another_fleets_clips_join_nothing_and_prove_nothing(tmp_path: Path, small: Fleet) -> None:
    strangers = [{**record(said, muted(small, said)), "session": f"other-{said.session_id}"} for said in wanted(small)]
    result = judge(tmp_path, small, strangers)
    assert outcomes(result)["conservation"] == "unknown"
    assert "is it this fleet's truth" in next(v.why for v in result.verdicts if v.check == "conservation")


def test_a_clip_nobody_said_should_not_exist(tmp_path: Path, small: Fleet) -> None:
    good = [record(said, muted(small, said)) for said in wanted(small)]
    assert outcomes(judge(tmp_path, small, [*good, {**good[0], "session": "nobodys"}]))["should_not_exist"] == "fail"


def test_what_could_not_be_read_makes_everything_unknown(tmp_path: Path, small: Fleet) -> None:
    result = judge(tmp_path, small, [], read="the list of clips: answered 503")
    assert result.outcome is Outcome.UNKNOWN
    assert all("answered 503" in verdict.why for verdict in result.verdicts)


def test_a_note_of_the_reader_is_no_pass(tmp_path: Path, small: Fleet) -> None:
    good = [record(said, muted(small, said)) for said in wanted(small)]
    kept_in(tmp_path, good)
    read = read_kept(target_in(tmp_path), tmp_path)
    result = judge(tmp_path, small, good, read=Read(clips=read.clips, notes=("a record is not JSON (1 times)",)))
    assert outcomes(result)["leaks"] == outcomes(result)["should_not_exist"] == "unknown"


def test_recordings_come_from_the_scenes_beside_the_truth(tmp_path: Path, small: Fleet) -> None:
    path = truth_in(tmp_path, small)
    found = recordings(path, small.truth)
    assert all(np.array_equal(found[name], pcm) for name, pcm in small.sent.items())


@pytest.mark.parametrize(
    ("who", "outcome", "says"),
    [
        (lambda said: said.household_id, Outcome.FAIL, "joined by ids"),
        pytest.param(lambda said: said.session_id, Outcome.PASS, "0.5 is guessing", marks=pytest.mark.slow),
        (lambda _said: None, Outcome.UNKNOWN, "not checked: say in `kept.pseudonym` or `kept.day`"),
    ],
)
def test_clips_that_can_be_joined_by_what_people_see(
    tmp_path: Path, many: Fleet, who: Any, outcome: Outcome, says: str
) -> None:
    records = [record(said, muted(many, said), who=who(said)) for said in wanted(many)]
    kept_in(tmp_path, records)
    target = target_in(tmp_path, "exact")
    scenario = Scenario.model_validate({"scenario": 2, "name": "a", "about": "x", "checks": ["linkage"]})
    rules = {"redact": CONTRACT.redact.model_copy(update={"device": "drop"})}
    asked = Asked(
        target=target,
        contract=CONTRACT.model_copy(update=rules),
        identities=many.identities,
        truth=many.truth,
        sent={},
        gating=Gating(),
        out=tmp_path / "out",
        scenario=scenario,
    )
    result = judged(asked, read_kept(target, tmp_path), detector(many.identities.to_json()), MADE)
    (verdict,) = [each for each in result.verdicts if each.check == "linkage"]
    assert (verdict.outcome, says in verdict.why) == (outcome, True), verdict.why


def test_a_system_that_keeps_after_a_withdrawal_is_named(tmp_path: Path, small: Fleet) -> None:
    keep = wanted(small)
    home, began = keep[0].household_id, min(said.at_ms for said in small.truth.utterances)
    kept_in(tmp_path, [record(said, muted(small, said)) for said in keep])
    target = target_in(tmp_path, "exact")
    event = {"at": 0, "do": "consent_withdrawn", "household": home}
    said = {"scenario": 2, "name": "a", "about": "a", "checks": ["should_not_exist"], "timeline": [event]}

    def outcome(timeline: list[object]) -> str:
        asked = Asked(
            target=target,
            contract=CONTRACT,
            identities=small.identities,
            truth=small.truth,
            sent=small.sent,
            gating=Gating(),
            out=tmp_path / "out",
            scenario=Scenario.model_validate_json(json.dumps({**said, "timeline": timeline})),
            began_ms=began,
        )
        result = judged(asked, read_kept(target, tmp_path), detector(small.identities.to_json()), MADE)
        return outcomes(result)["should_not_exist"]

    assert outcome([]) == "pass"
    assert outcome([event]) == "fail"
