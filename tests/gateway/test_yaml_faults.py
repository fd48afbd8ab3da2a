"""A contract's faults are all told at once, each at its line and column, with the value and what is allowed."""

from pathlib import Path

import pytest

from gateway.contract.model import PRESETS, load_contract
from gateway.files import BadFile


def test_all_faults_of_a_contract_are_told_at_their_places(tmp_path: Path) -> None:
    text = (PRESETS / "strict.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text("extends: strict\n" + text.replace("device: pseudonym", "device: pseudonim"))
    with pytest.raises(BadFile) as found:
        load_contract(str(path))
    first, second = str(found.value).splitlines()
    assert first.startswith(f"{path}:1:1: extends: unknown key; ")
    number = next(at for at, line in enumerate(path.read_text().splitlines(), 1) if "pseudonim" in line)
    column = path.read_text().splitlines()[number - 1].index("device") + 1
    assert second == (
        f"{path}:{number}:{column}: redact.device: pseudonim: did you mean pseudonym? allowed: drop, keep, pseudonym"
    )


@pytest.mark.parametrize("text", ["", "- a\n", "7\n", "? {a: b}\n: c\n", "contract: &x 1\nname: *x\n"])
def test_no_shape_of_a_file_breaks_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(BadFile, match=r"odd\.yaml"):
        load_contract(str(path))
