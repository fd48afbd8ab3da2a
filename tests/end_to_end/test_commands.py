"""`earlid scan` and `earlid locust` on somebody else's system: a small site with known leaks, and one without."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.runs import ROOT, earlid, finished

HOME = {
    "household_id": "H01",
    "customer_id": "A2X9PLMZK48QRT",
    "devices": [{"site_id": "kitchen-9f3c2a", "serial": "G090LF1072730XYZ"}],
    "home": {"street": "4471 Quillfeather Lane", "city": "Ashland", "latitude": 42.19458, "longitude": -122.70948},
    "members": [{"person_id": "P1", "name": "Ottoline Brackwater", "phones": ["+15415550122"]}],
}
LOCUSTFILE = """\
from locust import HttpUser, task

class Mine(HttpUser):
    @task
    def look(self):
        self.client.get("/")
"""


@pytest.fixture
def identities(tmp_path: Path) -> Path:
    path = tmp_path / "ids.json"
    path.write_text(json.dumps({"schema": 1, "households": [HOME]}))
    return path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder served over HTTP: its path and address."""
    folder = tmp_path / "site"
    folder.mkdir()
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    port = server.stdout.readline().split(" port ")[1].split()[0]
    try:
        yield folder, f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(timeout=10)
        server.stdout.close()


def test_a_scan_names_field_and_place_and_never_the_value(identities: Path, site: tuple[Path, str], tag: str) -> None:
    folder, url = site
    (folder / "index.html").write_text("<a href='/next.json'>next</a>")
    (folder / "next.json").write_text('{"at": [42.19461, -122.70951], "call": "(541) 555-0122"}')
    for target in (str(folder), url):
        scan = earlid("scan", "--identities", identities, target, "--json", env={"EARLID_TEST_RUN": tag})
        code, out, said = finished(scan)
        assert code == 1, said
        found = {finding["field"] for finding in json.loads(out)["findings"]}
        assert found == {"home.latitude", "members.phones"}
        assert "555-0122" not in out + said
        assert "42.19" not in out + said


@pytest.mark.slow
def test_a_clean_site_passes_and_an_empty_folder_is_unknown(
    identities: Path, site: tuple[Path, str], tmp_path: Path, tag: str
) -> None:
    (site[0] / "index.html").write_text("<p>Nothing about anybody.</p>")
    code, _, said = finished(earlid("scan", "--identities", identities, site[1], env={"EARLID_TEST_RUN": tag}))
    assert code == 0, said
    (tmp_path / "empty").mkdir()
    empty = earlid("scan", "--identities", identities, tmp_path / "empty", env={"EARLID_TEST_RUN": tag})
    assert finished(empty)[0] == 3


@pytest.mark.parametrize(
    ("page", "code"),
    [
        pytest.param("<p>Hello.</p>", 0, marks=pytest.mark.slow),
        pytest.param("<p>OTTOLINE  BRACKWATER</p>", 1),
    ],
)
def test_locust_with_a_users_own_file(
    page: str, code: int, identities: Path, site: tuple[Path, str], tmp_path: Path, tag: str
) -> None:
    (site[0] / "index.html").write_text(page)
    mine = tmp_path / "mine.py"
    mine.write_text(LOCUSTFILE)
    options = ["-f", mine, "--headless", "--host", site[1], "-u", "1", "-t", "2s"]
    spool = tmp_path / "spool.jsonl"
    run = earlid("locust", "--identities", identities, "--spool", spool, *options, env={"EARLID_TEST_RUN": tag})
    ended, _, said = finished(run)
    assert ended == code, said
    assert "controls found 46/46" in said
    assert "Brackwater" not in spool.read_text() + said
    lines = [json.loads(line) for line in spool.read_text().splitlines()]
    assert any(line["kind"] == "response" and bool(line["findings"]) == bool(code) for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "says"), [("import nothing_of_this_name", "mine.py:1: ModuleNotFoundError"), ("", "No User class found!")]
)
def test_a_locustfile_that_cannot_run_is_not_told_as_a_leak(
    text: str, says: str, identities: Path, tmp_path: Path, tag: str
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(text)
    options = ["-f", mine, "--headless", "--host", "http://127.0.0.1:9", "-u", "1", "-t", "1s"]
    ended, _, said = finished(earlid("locust", "--identities", identities, *options, env={"EARLID_TEST_RUN": tag}))
    assert (ended, says in said) == (2, True), said
    assert "Traceback" not in said


def test_the_readmes_commands_are_there(tag: str) -> None:
    text = (ROOT / "README.md").read_text()
    code, listed, _ = finished(earlid("--help", env={"EARLID_TEST_RUN": tag, "COLUMNS": "200"}))
    assert code == 0
    for command in ("run", "why", "up", "scan", "locust", "simulate"):
        assert f"earlid {command}" in text
        assert command in listed
    makefile = (ROOT / "Makefile").read_text()
    assert all(f"\n{target}:" in makefile for target in ("demo", "test"))
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
