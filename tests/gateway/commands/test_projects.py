import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from typer.testing import CliRunner

from gateway.__main__ import app
from gateway.clip import RedactedClip
from gateway.contract.model import PRESETS
from gateway.files import BadFile
from gateway.storage.store import Annotation, Store


def told(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["projects", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A contract that lets annotated clips leave."""
    contract = yaml.safe_load((PRESETS / "strict.yaml").read_text())
    contract["name"], contract["review"]["export"] = "ours", True
    path = tmp_path / "ours.yaml"
    path.write_text(yaml.safe_dump(contract))
    return path


def test_annotated_clips_are_exported_and_forgotten(ours: Path, tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path}/clips.db", tmp_path / "out"
    with pytest.raises(BadFile, match="no clip store there"):
        told("export", folder, "--store", url, "--contract", ours)
    store = Store(url)
    made = RedactedClip(ref="one", recorded_on="2019", trigger="button", duration_ms=9, kept_on="9999-01-01")
    store.put(made, session_key="one")
    store.annotate("one", Annotation(reviewer="ada", transcription="", intent="call", effective="yes"))
    store.close()
    said = told("export", folder, "--store", url, "--contract", ours, "--format", "jsonl")
    assert said == "1 clips exported; 1 annotated clips have no sound\n"
    assert json.loads((folder / "clips.jsonl").read_text())["intent"] == "call"
    with pytest.raises(BadFile, match=r"strict: review\.export"):
        told("export", folder, "--store", url, "--contract", "strict")
    with pytest.raises(BadFile, match="--format parquet: allowed: audiofolder, jsonl, csv"):
        told("export", folder, "--store", url, "--contract", ours, "--format", "parquet")
    swept = [
        "custody",
        "sweep",
        "--store",
        url,
        "--contract",
        str(ours),
        "--now",
        "9999-12-31",
        "--exports",
        str(folder),
    ]
    assert CliRunner().invoke(app, swept).stdout.startswith("1 clips deleted")
    assert (folder / "clips.jsonl").read_text() == ""


def test_a_list_is_imported_and_its_faults_are_told(tmp_path: Path) -> None:
    url, path, refs = f"sqlite:///{tmp_path}/team-b.db", tmp_path / "clips.csv", tmp_path / "refs.jsonl"
    soundfile.write(tmp_path / "a.wav", np.zeros(16_000), 16_000)
    path.write_text("file_name,speaker\na.wav,probe7731\n")
    with pytest.raises(BadFile, match=r"clips\.csv:2: speaker: unknown key"):
        told("import", path, "--store", url)
    said = told("import", path, "--store", url, "--leave-out", "speaker", "--refs", refs)
    assert said == "1 clips imported, 1 without sound (no_transcript); 0 were imported before\n"
    assert json.loads(refs.read_text())["file_name"] == "a.wav"
    assert refs.stat().st_mode & 0o777 == 0o600
