"""The settings file of devices: one line says what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.files import BadFile
from loadtests.devices.settings import load_speaking


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    path.write_text(json.dumps({"broker": "mqtt://127.0.0.1:1883", "identities": "ids.json", "gap_s": 2}))
    speaking = load_speaking({"EARLID_DEVICES": str(path)})
    assert (speaking.gap_s, speaking.receipts, speaking.workers) == (2.0, True, 1)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (None, "EARLID_DEVICES: not set"),
        ({"identities": "x"}, "broker"),
        ({"broker": "mqtt://h", "identities": "x", "gap_s": 0}, "gap_s"),
        ({"broker": "mqtt://h", "identities": "x", "speed": 2}, "speed"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, told: Any, said: Any) -> None:
    path = tmp_path / "devices.json"
    path.write_text(json.dumps(told))
    with pytest.raises(BadFile, match=said):
        load_speaking({} if told is None else {"EARLID_DEVICES": str(path)})


@pytest.mark.parametrize(
    "who",
    [
        {"accounts": {"kitchen": "x"}},
        {"everybody": {"username": "f", "password": "x"}},
        {"assistant": {"username": "a", "password": "x"}},
    ],
)
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_passwords_that_others_may_read_are_refused_with_the_remedy(tmp_path: Path, who: Any, mode: int) -> None:
    path = tmp_path / "devices.json"
    path.write_text(json.dumps({"broker": "mqtt://h", "identities": "x"} | who))
    path.chmod(mode)
    with pytest.raises(BadFile, match=f"mode {mode:04o}.*chmod 600"):
        load_speaking({"EARLID_DEVICES": str(path)})
    path.chmod(0o600)
    assert load_speaking({"EARLID_DEVICES": str(path)}).broker == "mqtt://h"


def test_a_missing_file_is_one_line() -> None:
    with pytest.raises(BadFile, match="No such file"):
        load_speaking({"EARLID_DEVICES": "/nowhere/devices.json"})
