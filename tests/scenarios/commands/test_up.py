"""`earlid up`: one account of each role, each of which works as printed."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.contract.model import load_contract
from scenarios.commands.up import what_to_try

HOMES = {
    "reviewer1": "/queue",
    "verifier": "/queue",
    "auditor": "/audit",
    "officer": "/cases",
    "approver": "/cases",
    "administrator": "/people",
}


class Shown:
    """What the command has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.text = process, ""

    def until(self, pattern: str) -> None:
        """Read on until the pattern stands there, on a line that is whole."""
        assert self.process.stderr is not None
        while not re.search(pattern, self.text):
            line = self.process.stderr.readline()
            assert line, self.text
            self.text += line


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files with a path short enough for a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="up-") as folder:
        yield Path(folder)


@pytest.fixture
def shown(tmp_path: Path, temporary: Path) -> Iterator[Shown]:
    command = [str(Path(sys.executable).with_name("earlid")), "up", "--households", "2", "--port", "0"]
    wide = os.environ | {"TMPDIR": str(temporary), "COLUMNS": "400"}
    with subprocess.Popen(command, cwd=tmp_path, env=wide, stderr=subprocess.PIPE, text=True) as process:
        watch = threading.Timer(240, process.kill)
        watch.start()
        try:
            yield Shown(process)
        finally:
            watch.cancel()
            process.kill()


@pytest.mark.slow
def test_every_account_works_as_printed_and_ctrl_c_leaves_nothing(shown: Shown, temporary: Path) -> None:
    shown.until(r"codes +.*administrator \d{6}\n")
    url = re.search(r"http://127\.0\.0\.1:\d+", shown.text)
    people = dict(re.findall(r"sign in as +(\S+) +password (\S+)", shown.text))
    codes = dict(re.findall(r"(\S+) (\d{6})", shown.text.rpartition("codes")[2]))
    assert url is not None
    assert people.keys() == codes.keys() == HOMES.keys()
    for name, home in HOMES.items():
        said = {"username": name, "password": people[name], "code": codes[name]}
        with httpx.Client(base_url=url[0], trust_env=False, timeout=30) as client:
            assert client.post("/api/session", json=said).status_code == 200, name
            assert client.get(home).status_code == 200, name
            if home == "/cases":
                key = re.search(rf"vault key +{name} +(\S+)", shown.text)
                form = re.search(r'name="csrf" value="(\w+)"', client.get(home).text)
                assert key is not None
                assert form is not None
                answer = client.post("/cases/list", data={"csrf": form[1], "key": key[1]})
                assert answer.status_code == 200, answer.text
                assert "None." in answer.text
    shown.process.send_signal(signal.SIGINT)
    shown.process.wait(60)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("contract", "words"), [("strict", "officer: ask"), ("amazon-2019-before", "look a customer up")]
)
def test_only_what_the_contract_has_is_proposed(contract: str, words: str) -> None:
    told = {name: " ".join(what_to_try(load_contract(name))) for name in ("strict", "amazon-2019-before")}
    assert [name for name, text in told.items() if words in text] == [contract]
