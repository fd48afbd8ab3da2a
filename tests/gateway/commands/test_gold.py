import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.__main__ import app
from gateway.clip import RedactedClip
from gateway.files import BadFile
from gateway.storage.settled import Settled
from gateway.storage.store import Store

LINE = {"ref": "ref-000", "intent": "music", "effective": "yes", "heard": ["child"]}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(f"sqlite:///{tmp_path}/clips.db")
    made.put(RedactedClip(ref="ref-000", recorded_on="2019", trigger="button", duration_ms=9), session_key="k")
    return made


def gold(folder: Path, *lines: object) -> str:
    path = folder / "answers.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    done = CliRunner().invoke(app, ["gold", str(path), "--store", f"sqlite:///{folder}/clips.db"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_known_answers_hold_from_then_on(store: Store, tmp_path: Path) -> None:
    assert gold(tmp_path, LINE) == "1 known answers\n"
    held = Settled(store.database).answer("ref-000")
    assert held is not None
    assert (held["reviewer"], bool(held["is_gold"]), held["heard"]) == ("-", True, ["child"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: not JSON"),
        (LINE | {"ref": "other"}, "line 2: ref: no such clip under review"),
        (LINE | {"intent": "probe7731"}, "line 2: intent: allowed: "),
        (LINE | {"intnt": "x"}, "line 2: intnt: unknown key; did you mean intent"),
        ({"ref": "ref-000"}, "line 2: intent: is wanted, and is not there"),
    ],
)
def test_what_is_wrong_is_one_line(store: Store, tmp_path: Path, line: object, said: str) -> None:
    with pytest.raises(BadFile) as wrong:
        gold(tmp_path, LINE, line)
    assert said in str(wrong.value)
    assert "7731" not in str(wrong.value)
