"""Times, events and what a forgotten household leaves."""

from pathlib import Path

import msgspec
import pytest

from gateway.contract.model import load_contract
from gateway.files import BadFile
from gateway.identities import Household, Identities, Member
from scenarios.model.must_keep import as_contract_wants
from scenarios.model.suite_files import prepare_file
from scenarios.model.timeline import milliseconds
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
        ("{at: 3s, do: household_forgotten}", "household: H01 to H02 is wanted"),
        ("{at: 3s, do: household_forgotten, household: H09}", "household: H01 to H02 is wanted"),
    ],
)
def test_wrong_events_are_told(event: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    head = "scenario: 2\nname: x\nabout: x\nchecks: [leaks]\nfleet: {households: 2}\n"
    path.write_text(f"{head}timeline: [{event}]\n")
    with pytest.raises(BadFile) as caught:
        prepare_file(path)
    assert says in str(caught.value)


def changed(**keys: object):
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
def test_the_contract_decides_what_must_be_kept(contract, more, expected: str, acoustic: bool) -> None:
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
