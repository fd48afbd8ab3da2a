"""Somebody's own system on later days: its own program deletes, the harness counts, and doubt is no pass."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from gateway.contract.model import Contract, load_contract
from gateway.files import BadFile
from scenarios.checks.retention import retention
from scenarios.kept.read.readers import read_kept
from scenarios.model.observations import NOTHING, Aged
from scenarios.model.targets.target_file import Attached, load_target_file
from scenarios.own_system.ageing import aged, days_to_look_at
from scenarios.verdict import Outcome

SWEEP = """
import json, sys
from datetime import datetime
from pathlib import Path

now, days, lasts, lifetime = datetime.fromisoformat(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
for path in Path("kept").glob("*.json"):
    record = json.loads(path.read_text())
    age = (now - datetime.fromisoformat(record["taken"])).total_seconds() / 86_400
    assert abs(age - days) < 1
    if age > lasts:
        path.unlink()
    elif age > lifetime:
        path.write_text(json.dumps(record | {"alias": None}))
"""
CONTRACT = load_contract("strict")
ENDS = CONTRACT.model_copy(
    update={
        "review": CONTRACT.review.model_copy(update={"retention_days": 30}),
        "redact": CONTRACT.redact.model_copy(
            update={"pseudonyms": CONTRACT.redact.pseudonyms.model_copy(update={"lifetime_days": 10})}
        ),
    }
)


def system(folder: Path, *numbers: int, clips: int = 3) -> Attached:
    words = json.dumps(["{python}", "sweep.py", "{now}", "{days}", *map(str, numbers)])
    (folder / "target.yaml").write_text(
        "target: 1\nkind: attached\nname: mine\nmay: [sweep]\nkept: {kind: folder, path: kept, session: call, "
        f"pseudonym: alias}}\nsweep: {words}\n"
    )
    (folder / "sweep.py").write_text(SWEEP)
    (folder / "kept").mkdir()
    taken = datetime.now(UTC).replace(tzinfo=None).isoformat()
    for number in range(clips):
        record = {"call": f"s{number}", "alias": f"a{number}", "taken": taken}
        (folder / "kept" / f"{number}.json").write_text(json.dumps(record))
    found = load_target_file(folder / "target.yaml")
    assert isinstance(found, Attached)
    return found


def seen(folder: Path, target: Attached, contract: Contract = ENDS, older: int = 0) -> tuple[tuple[Aged, ...], str]:
    found, trouble = aged(target, folder, days_to_look_at(contract, ()), read_kept(target, folder), older)
    return found, trouble or ""


@pytest.mark.parametrize(
    ("lasts", "lifetime", "outcome"),
    [
        (30, 10, Outcome.PASS),
        (10_000, 10_000, Outcome.FAIL),  # deletes nothing
        (10_000, 10, Outcome.FAIL),  # forgets who, and keeps the clip
        (5, 10, Outcome.FAIL),  # deletes too early
        (30, 10_000, Outcome.FAIL),  # clips stay linked for as long as there are any
    ],
)
def test_what_the_program_leaves_is_judged(tmp_path: Path, lasts: int, lifetime: int, outcome: Outcome) -> None:
    found, trouble = seen(tmp_path, system(tmp_path, lasts, lifetime))
    assert (trouble, found[0]) == ("", Aged(days=0, clips=3, linked=3, owned=0))
    verdict = retention(msgspec.structs.replace(NOTHING, aged=found), ENDS)
    assert verdict.outcome is outcome, verdict.why


def test_a_program_that_fails_settles_nothing_and_says_so(tmp_path: Path) -> None:
    found, trouble = seen(tmp_path, system(tmp_path))  # two arguments are missing
    assert found == ()
    assert trouble == "day 9: sweep: ended with code 1"


def test_clips_of_an_earlier_run_settle_nothing(tmp_path: Path) -> None:
    found, trouble = seen(tmp_path, system(tmp_path, 30, 10), older=2)
    assert found == ()
    assert "2 clips were there before" in trouble
    assert len(list((tmp_path / "kept").iterdir())) == 3  # nothing was deleted for it


def test_records_that_cannot_be_read_later_settle_nothing(tmp_path: Path) -> None:
    target = system(tmp_path, 30, 10)
    (tmp_path / "sweep.py").write_text("from pathlib import Path\nPath('kept/0.json').write_text('{')\n")
    found, trouble = seen(tmp_path, target)
    assert found == ()
    assert "not everything could be read" in trouble


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("may: []\nsweep: [./s, '{now}']\n", r"may: \[sweep\] allows it"),
        ("may: [sweep]\n", "sweep: wants sweep"),
        ("may: [sweep]\nsweep: [./s]\n", r"wants \{now\} or \{days\}"),
    ],
)
def test_what_is_wrong_with_it_is_told_before_a_run(tmp_path: Path, lines: str, says: str) -> None:
    path = tmp_path / "target.yaml"
    path.write_text("target: 1\nkind: attached\nname: mine\nkept: {kind: folder, path: kept, session: call}\n" + lines)
    with pytest.raises(BadFile, match=says):
        load_target_file(path)
