"""pytest beside packages of the same names as Earlid's: the project's own tests run, and `no_leaks` still searches."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import earlid
import pytest
from earlid.testing.pytest_plugin import exchange_of_any, in_the_way

from gateway.identities import Identities
from scenarios.leaks.controls import control_household

HOME = control_household(3).model_copy(update={"household_id": "H1"})
TESTS = f"""
import gzip
import scenarios.mine
import gateway

def test_mine():
    assert scenarios.mine.WHOSE == "theirs"

def test_clean(no_leaks):
    no_leaks("nobody here")

def test_leak(no_leaks):
    no_leaks("for {HOME.members[0].name}", name="/export")

def test_not_to_the_end(no_leaks):
    no_leaks(gzip.compress(bytes(20_000_000)))

def test_forgot(no_leaks):
    pass

def test_detector(leak_detector):
    pass
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [("-m", "pytest"), ("-c", "import sys, pytest; sys.path.remove(''); pytest.console_main()")]
)
def test_packages_of_the_same_names_are_left_alone(tmp_path: Path, how: tuple[str, str]) -> None:
    (tmp_path / "test_mine.py").write_text(TESTS)
    (tmp_path / "ids.json").write_bytes(Identities(schema=1, households=(HOME,)).to_json())
    for name in ("scenarios", "gateway", "loadtests", "earlid_tools"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    (tmp_path / "scenarios" / "mine.py").write_text('WHOSE = "theirs"\n')
    command = [sys.executable, *how, "-q", "-rA", "-p", "no:cacheprovider", "-p", "no:xdist"]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTEST_ADDOPTS", "PYTHONPATH")}
    done = subprocess.run(
        [*command, "--earlid-identities", "ids.json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    told = done.stdout
    assert "PASSED test_mine.py::test_mine" in told, told + done.stderr
    assert "PASSED test_mine.py::test_clean" in told
    assert "FAILED test_mine.py::test_leak" in told
    assert "members.name of" in told
    assert HOME.members[0].name not in told
    assert "FAILED test_mine.py::test_not_to_the_end" in told
    assert "ERROR test_mine.py::test_forgot" in told
    assert "a package `scenarios` of this project is in its way" in told


def _spec(path: Path) -> Any:
    return SimpleNamespace(origin=str(path))


def test_what_is_in_the_way(tmp_path: Path) -> None:
    home = Path(earlid.__file__).resolve().parents[3]

    def ours(name: str) -> Any:
        return _spec(home / name / "__init__.py")

    assert in_the_way(tmp_path, ours) == ""
    assert in_the_way(home, ours) == ""
    assert in_the_way(tmp_path, lambda name: _spec(tmp_path / name / "__init__.py")) == "scenarios"
    assert in_the_way(tmp_path, lambda _name: None) == "scenarios"
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "gateway.py").touch()
    assert in_the_way(tmp_path, ours) == "gateway"


def test_any_response_is_taken_whole_with_its_redirects() -> None:
    request = SimpleNamespace(url="http://h/x", method="PUT")
    hop = SimpleNamespace(status_code=302, headers={"Location": "/x"}, content=b"moved")
    answer = SimpleNamespace(
        status_code=200, reason_phrase="OK", headers={"a": "b"}, data="text", request=request, history=[hop]
    )
    exchange = exchange_of_any(answer)
    assert (exchange.method, exchange.name, exchange.status, exchange.urls) == (
        "PUT",
        "http://h/x",
        200,
        ["http://h/x"],
    )
    assert exchange.head == [
        ("status_line", "302 "),
        ("header", "Location: /x"),
        ("status_line", "200 OK"),
        ("header", "a: b"),
    ]
    assert exchange.bodies == [("redirect_body", b"moved"), ("response_body", b"text")]
    with pytest.raises(TypeError, match="no response"):
        exchange_of_any(SimpleNamespace(status_code=200, headers={}))
