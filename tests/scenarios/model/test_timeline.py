"""Times, events and what a forgotten household leaves."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.contract.model import Contract, load_contract
from gateway.files import BadFile
from gateway.identities import Household, Identities, Member
from scenarios.model.must_keep import as_contract_wants
from scenarios.model.scenario import Scenario
from scenarios.model.suite_files import prepare_file
from scenarios.model.timeline import clashes
from scenarios.model.times import milliseconds
from simulator.world.truth import Speaker, Truth
from tests.scenarios.world import said

STRICT = load_contract("strict")
HOME = Household(
    household_id="H01", members=(Member(person_id="H01-P1", age_group="child"), Member(person_id="H01-P2"))
)
WORLD = Identities(schema=1, households=(HOME,))


@pytest.mark.parametrize(
    ("text", "ms"),
    [("250ms", 250), ("90s", 90_000), ("1.5m", 90_000), ("2h", 7_200_000), ("181d", 15_638_400_000), (3, 3_000)],
)
def test_times(text: object, ms: int) -> None:
    assert milliseconds(text) == ms


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ("{at: soon, do: gateway_kill}", "timeline[0].at: soon: a time is wanted"),
        ("{at: 3s, do: gateway_kil}", "gateway_kil is not known; did you mean gateway_kill?"),
        ("{at: 3s, do: gateway_kill, household: H01}", "gateway_kill concerns no household"),
        ("{at: 3s, do: household_forgotten}", "timeline[0]: household_forgotten: household is wanted, such as H03"),
        ("{at: 3s, do: household_forgotten, household: H09}", "timeline[0].household: H09: H01 to H02 is wanted"),
        ("{at: 3s, do: broker_stop}", "broker_stop: for is wanted, such as 30s"),
        ("{at: 3s, do: broker_stop, for: 0s}", "timeline[0].for: 0: more than nothing is wanted"),
        ("{do: broker_restart}", "broker_restart: at is wanted, such as 90s"),
        ("{at: -3s, do: gateway_kill}", "timeline[0].at: -3s: a time before the beginning"),
        ("{at: 9000d, do: gateway_kill}", "9000d: at most 3650d"),
        ("{at: 3s, do: gateway_kill, for: 3s}", "timeline[0].for: gateway_kill does not take it"),
        ("{at: 3s, do: link, for: 3s}", "link: one of latency_ms, jitter_ms, loss, bandwidth is wanted"),
        ("{at: 3s, do: link, loss: 2}", "timeline[0].loss: 2: at most 0.9 is wanted"),
        ("{at: 3s, do: mute, cohort: night}", "timeline[0].cohort: night: the fleet has no cohorts"),
        ("{at: 3s, do: consent_withdrawn}", "consent_withdrawn: household or cohort is wanted: whose"),
        ("{at: 3s, do: contract_changed}", "contract_changed: contract is wanted"),
        (
            "{at: 3s, do: contract_changed, contract: strcit}",
            "timeline[0].contract: strcit: no such preset; did you mean strict",
        ),
        (
            "{at: 3s, do: contract_changed, contract: {extends: strict, gaet: 1}}",
            "gaet: unknown key; did you mean gate",
        ),
        ("{at: 3s, do: clock_step}", "clock_step: by is wanted"),
        ("{after: 181d}", "after: nobody would look at what is left then; add retention to checks"),
        ("{at: 3s, after: 2d, do: gateway_kill}", "gateway_kill happens at a time of the fleet's: say at"),
        ("{at: 3s, do: reviewer_revoked}", "add access to checks"),
    ],
)
def test_wrong_events_are_told(event: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    head = "scenario: 2\nname: x\nabout: x\nchecks: [leaks]\nfleet: {households: 2}\n"
    path.write_text(f"{head}timeline: [{event}]\n")
    with pytest.raises(BadFile) as caught:
        prepare_file(path)
    assert says in str(caught.value)


def changed(**keys: object) -> Contract:
    return STRICT.model_copy(update={"gate": STRICT.gate.model_copy(update=keys)})


@pytest.mark.parametrize(
    ("contract", "more", "expected", "acoustic"),
    [
        (STRICT, {}, "keep", True),
        (STRICT, {"speakers": (Speaker(person_id="H01-P1", household_id="H01"),)}, "keep", True),
        (changed(children="drop"), {"speakers": (Speaker(person_id="H01-P1", household_id="H01"),)}, "drop", True),
        (changed(children="drop"), {"speakers": (Speaker(person_id="H01-P2", household_id="H01"),)}, "keep", True),
        (changed(admit=("button",)), {}, "drop", False),
        (changed(admit=("button",)), {"kind": "button", "acoustic": False}, "keep", False),
        (changed(admit=("wake_word",)), {"kind": "button", "acoustic": False}, "drop", False),
        (changed(admit=("device_claim",)), {}, "keep", True),
        (changed(max_clip_ms=1_000), {}, "drop", False),
        (STRICT, {"kind": "muted", "expected": "drop", "acoustic": False}, "drop", False),
    ],
)
def test_the_contract_decides_what_must_be_kept(
    contract: Contract, more: dict[str, Any], expected: str, acoustic: bool
) -> None:
    truth = Truth(seed=1, utterances=(said(**more),), deliveries=())
    (wanted,) = as_contract_wants(truth, contract, WORLD).utterances
    assert (wanted.expected, wanted.acoustic) == (expected, acoustic)


def test_of_a_forgotten_household_nothing_may_be_left() -> None:
    truth = Truth(seed=1, utterances=(said(), said("H02-D1-001")), deliveries=())
    one, other = as_contract_wants(truth, STRICT, WORLD, forgotten=frozenset({"H01"})).utterances
    assert (one.expected, one.acoustic, other.expected) == ("drop", False, "keep")


def test_one_clip_of_what_several_devices_heard() -> None:
    copy = said("H01-D2-001", same_as="H01-D1-001")
    truth = Truth(seed=1, utterances=(said(), copy), deliveries=())
    assert as_contract_wants(truth, STRICT, WORLD).utterances[1].same_as == "H01-D1-001"
    each = as_contract_wants(truth, changed(same_utterance="each"), WORLD).utterances[1]
    assert each.same_as is None
    assert msgspec.structs.asdict(each)["expected"] == "keep"


def test_what_is_said_after_a_withdrawal_is_not_agreed_to() -> None:
    before, during, after = said(at_ms=0), said("H01-D1-002", at_ms=58_000), said("H01-D1-003", at_ms=60_000)
    other = said("H02-D1-001", at_ms=60_000)
    truth = Truth(seed=1, utterances=(before, during, after, other), deliveries=())
    wanted = as_contract_wants(truth, STRICT, WORLD, withdrawn={"H01": 60_000}).utterances
    assert [(each.expected, each.acoustic) for each in wanted] == [
        ("keep", True),
        ("keep", True),
        ("drop", False),
        ("keep", True),
    ]
    assert wanted[2].kind == "no_consent"


def test_the_contract_in_force_when_somebody_had_spoken_counts() -> None:
    first, second = said(at_ms=0), said("H01-D1-002", at_ms=60_000)
    truth = Truth(seed=1, utterances=(first, second), deliveries=())
    wanted = as_contract_wants(truth, STRICT, WORLD, later=[(60_000, changed(admit=("button",)))]).utterances
    assert [each.expected for each in wanted] == ["keep", "drop"]


def test_the_last_contract_judges_and_lies_beside_the_scenario(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    (tmp_path / "new.yaml").write_text("{extends: strict, contract: 1, name: new, kind: protect}\n")
    path.write_text(
        "scenario: 2\nname: x\nabout: x\nchecks: [leaks]\ntimeline:\n"
        "  - {at: 3m, do: contract_changed, contract: new.yaml}\n"
        "  - {at: 1m, do: contract_changed, contract: google-2019}\n"
    )
    (run,) = prepare_file(path)
    assert run.contract.name == "strict"
    assert [contract.name for contract in run.later.values()] == ["new", "google-2019"]
    assert run.judged_by.name == "new"


def _clashes(*events: object) -> list[tuple[object, str]]:
    said = {"scenario": 2, "name": "a", "about": "a", "checks": ["leaks"], "fleet": {"households": 2}}
    scenario = Scenario.model_validate_json(json.dumps({**said, "timeline": events}))
    return [(at[1], says) for at, says in clashes(scenario.timeline, scenario.fleet)]


STOP = {"at": "2m", "do": "gateway_stop", "for": "5m"}
MUTE = {"at": "2m", "do": "mute", "for": "1m", "household": "H01"}
FORGET = {"at": "1m", "do": "household_forgotten", "household": "H01"}


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (STOP, {"at": "3m", "do": "gateway_kill"}, "gateway_kill: gateway_stop lasts from 2 minutes to 7 minutes"),
        (STOP, {"at": "7m", "do": "gateway_kill"}, None),
        (STOP, {"at": "3m", "do": "broker_stop", "for": "1m"}, None),
        (MUTE, {**MUTE, "at": "150s"}, "mute: mute lasts from 2 minutes"),
        (MUTE, {**MUTE, "at": "150s", "household": "H02"}, None),
        (MUTE, {"at": "150s", "do": "unmute", "household": "H01"}, None),
        (FORGET, {**FORGET, "at": "2m"}, "household_forgotten: H01: forgotten already at 1 minute"),
        (FORGET, {"at": "2m", "do": "consent_withdrawn", "household": "H01"}, "H01: forgotten already"),
        ({**FORGET, "do": "consent_withdrawn"}, {**FORGET, "at": "2m"}, None),
    ],
)
def test_events_that_undo_one_another_are_told(first: object, second: object, says: str | None) -> None:
    found = _clashes(first, second)
    assert [at for at, _ in found] == ([] if says is None else [1])
    assert says is None or says in found[0][1]
    assert _clashes(second, first)[:1] == ([] if says is None else [(0, found[0][1])])
