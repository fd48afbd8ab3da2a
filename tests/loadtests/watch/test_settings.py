from pathlib import Path
from typing import Any

import pytest

from gateway.files import BadFile
from loadtests.watch.settings import VARIABLE, load_settings


def _load(tmp_path: Path, text: Any) -> Any:
    path = tmp_path / "s.json"
    path.write_text(text)
    return load_settings({VARIABLE: str(path)})


def test_the_least_there_can_be(tmp_path: Path) -> None:
    settings = _load(tmp_path, '{"identities": "i.json", "spool": "s.jsonl"}')
    assert settings.role == "reviewer"
    assert settings.reviewing is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"identities": "i", "spool": "s", "spol": 1}', "spol: unknown key; did you mean spool"),
        ('{"identities": "i"}', "spool: is wanted, and is not there"),
        ("{", "s.json: "),
        ('{"identities": "i", "spool": "s", "reviewing": {"accounts": []}}', "reviewing.accounts"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: Any, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        _load(tmp_path, text)


def test_a_password_is_never_quoted(tmp_path: Path) -> None:
    text = '{"identities": "i", "spool": "s", "reviewing": {"accounts": [{"username": 1, "password": "hunter22"}]}}'
    with pytest.raises(BadFile) as error:
        _load(tmp_path, text)
    assert "hunter22" not in str(error.value)


def test_without_the_variable_or_the_file_it_is_said() -> None:
    with pytest.raises(BadFile, match=f"{VARIABLE}: not set"):
        load_settings({})
    with pytest.raises(BadFile, match="No such file"):
        load_settings({VARIABLE: "/nowhere/s.json"})
