"""A copy with one fault must turn red, a copy that cannot see must turn unknown: neither may pass."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.runs import FOLDERS, ROOT, earlid, finished, report

FAIL, UNKNOWN = 1, 3


def broken_copy(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """A scratch copy of the packages with one line changed."""
    copy = tmp_path / "copy"
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder)  # with what is compiled: only the broken module is compiled anew
    text = (copy / file).read_text()
    assert text.count(old) == 1, f"{file} no longer holds the line this test breaks"
    (copy / file).write_text(text.replace(old, new))
    return copy


@pytest.mark.parametrize(
    ("file", "old", "new", "field", "route"),
    [
        pytest.param(
            "gateway/redact/location.py",
            "return Shown(locality if people >= operator.min_anonymity else None)",
            "return Shown(locality, facts.latitude, facts.longitude)",
            "home.latitude",
            "/clips/{ref}",
            id="coordinates",
        ),
        pytest.param(
            "gateway/redact/sound/cover.py",
            "gap = _filled(len(sound.raw_data) - len(before.raw_data) - len(after.raw_data), with_)",
            "gap = sound[start_ms:end_ms]",
            None,
            "/clips/{ref}/audio.wav",
            id="sound",
        ),
    ],
)
def test_an_operator_that_leaks_turns_the_run_red(
    file: str,
    old: str,
    new: str,
    field: str | None,
    route: str,
    scenario: Callable[..., Path],
    tmp_path: Path,
    tag: str,
) -> None:
    copy = broken_copy(tmp_path, file, old, new)
    out = tmp_path / "out"
    run = earlid("run", scenario(), "--out", out, root=copy, env={"EARLID_TEST_RUN": tag})
    code, verdict, said = finished(run)
    assert code == FAIL, said
    findings = [finding for check in report(out)["checks"] for finding in check["findings"]]
    assert findings
    assert any((field is None or f["field"] == field) and route in f["where"]["name"] for f in findings)
    if field is not None:
        assert field in verdict


def test_a_blind_search_is_unknown_never_a_pass(scenario: Callable[..., Path], tmp_path: Path, tag: str) -> None:
    copy = broken_copy(
        tmp_path,
        "scenarios/leaks/detector.py",
        "        return Searched(findings=tuple(findings),",
        "        return Searched(findings=(),",
    )
    out = tmp_path / "out"
    run = earlid("run", scenario(), "--out", out, root=copy, env={"EARLID_TEST_RUN": tag})
    code, _, said = finished(run)
    assert code == UNKNOWN, said
    found = report(out)
    assert found["verdict"] == "unknown"
    assert found["leaks"]["planted_found"] == 0 < found["leaks"]["planted"]
