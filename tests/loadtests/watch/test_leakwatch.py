import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.identities import Identities
from scenarios.leaks.controls import ControlServer, control_household, plants
from scenarios.leaks.detector import LeakDetector
from scenarios.verdict import Where

ROOT = Path(__file__).parents[3]
LEAKY = "tests/broken/leaky_server.py"
WATCH = "loadtests/watch/leakwatch.py"

# Every channel of tests/broken/leaky_server.py, half of them met by HttpUser, half by FastHttpUser.
LEAKS = {
    ("members.name", "response_body", "reviewer GET /clips/{token}"),
    ("members.emails", "response_body", "reviewer GET /audio/{token}"),
    ("home.latitude", "response_body", "reviewer GET /api/clips/{ref}"),
    ("devices.serial", "response_header", "reviewer GET /tagged [etag]"),
    ("members.phones", "response_header", "reviewer GET /moved [location]"),
    ("members.phones", "url", "reviewer GET /moved"),
    ("customer_id", "response_body", "reviewer GET /error"),
}


def test_every_channel_of_a_leaking_server_is_found(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, known: Identities
) -> None:
    run = locust(start(LEAKY, identities))
    assert run.code == 1
    assert run.findings() == LEAKS
    assert all(line["found"] for line in run.of("control"))
    (summary,) = run.of("summary")
    assert summary["responses"] == len(run.of("response")) > 0
    assert summary["bytes"] == sum(line["bytes"] for line in run.of("response"))
    assert "leak: customer_id in response_body of reviewer GET /error" in run.output
    said = f"{run.output}{run.spool}".encode()
    assert not LeakDetector(known).scan_bytes(said, Where(kind="log", name="log"))


def test_a_clean_server_passes_with_every_control_found(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path
) -> None:
    run = locust(start(LEAKY, identities, "--clean"))
    assert run.code == 0, run.output
    assert run.findings() == set()
    names = set(plants(control_household(0)))
    assert {(line["name"], line["via"]) for line in run.of("control") if line["found"]} == {
        (name, via) for name in names for via in ("HttpUser", "FastHttpUser")
    }
    assert f"controls found {2 * len(names)}/{2 * len(names)}" in run.output
    assert "control " not in run.output.partition("Response time percentiles")[0].partition("Type ")[2]


def test_a_blinded_detector_is_unknown_not_clean(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    blind: list[str | Path] = [sys.executable, "-m", "tests.broken.blind_search", "--identities", identities]
    with subprocess.Popen([*blind, "--socket", tmp_path / "blind.sock"], stdout=subprocess.PIPE, cwd=ROOT) as search:
        assert search.stdout.readline().startswith(b"search ready")
        run = locust(start(LEAKY, identities), settings={"search": str(tmp_path / "blind.sock")})
        search.terminate()
    assert run.code == 3
    assert "control missed: exact" in run.output


def test_nothing_searched_is_unknown(locust: Callable[..., Any]) -> None:
    run = locust("http://127.0.0.1:9", seconds=2)
    assert run.code == 3
    assert "nothing was searched" in run.output


def test_it_joins_a_users_own_locustfile_as_one_more_file(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path
) -> None:
    run = locust(start(LEAKY, identities), watched=False, locustfile=f"loadtests/examples/plain.py,{WATCH}")
    assert run.code == 1
    assert run.findings() == LEAKS


@pytest.mark.slow
def test_workers_search_and_the_master_adds_up(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path
) -> None:
    run = locust(start(LEAKY, identities), "--processes", "2", seconds=8)
    assert run.code == 1
    (summary,) = run.of("summary")
    # Locust's master waits half a second for last reports: what comes later is in the spool alone.
    assert 0 < summary["responses"] <= len(run.of("response"))
    assert summary["found"] == summary["planted"] > 0
    assert run.findings() == LEAKS


def test_controls_of_the_harness_are_used_when_given(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path
) -> None:
    url = start(LEAKY, identities, "--clean")
    with ControlServer(control_household(77)) as controls:
        run = locust(url, settings={"controls_url": controls.url})
    assert run.code == 0
    assert run.of("control")


MINE = """
from pathlib import Path
from locust import FastHttpUser, HttpUser, constant, events, task
from earlid.locust_watch import attach

@events.init.add_listener
def watch(environment, **_):
    attach(environment, identities=Path({ids!r}), spool=Path({spool!r}), role="auditor")

class Mine(FastHttpUser):
    wait_time = constant(0.01)
    @task
    def look(self):
        self.client.get("/clips/1", context={{"clip_ref": "c1"}})
        self.client.get("/tagged", stream={stream})
"""


def _by_hand(tmp_path: Path, identities: Path, stream: Any) -> Any:
    mine = tmp_path / "mine.py"
    mine.write_text(MINE.format(ids=str(identities), spool=str(tmp_path / "spool.jsonl"), stream=stream))
    return mine


def test_it_is_attached_by_hand(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = _by_hand(tmp_path, identities, stream=False)
    run = locust(start(LEAKY, identities), watched=False, locustfile=mine)
    assert run.code == 1
    assert ("members.name", "response_body", "auditor GET /clips/{token}") in run.findings()
    assert {line.get("clip_ref") for line in run.of("response")} == {"c1", None}


def test_a_streamed_body_that_came_with_its_headers_is_searched(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = _by_hand(tmp_path, identities, stream=True)
    run = locust(start(LEAKY, identities, "--clean"), watched=False, locustfile=mine)
    assert run.code == 0, run.output
    assert {(line["route"], line["bytes"]) for line in run.of("piece")} == {("/tagged", 2)}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"identities": "/nowhere/ids.json"}, "leak watch: /nowhere/ids.json: No such file"),
        ({"colour": 1}, "colour: unknown key"),
        ({"spool": "/nowhere/spool"}, "/nowhere/spool: No such file"),
        ({"controls_url": "http://127.0.0.1:9"}, "http://127.0.0.1:9/controls.json: no list of controls"),
    ],
)
def test_a_wrong_setting_is_one_line_and_exit_2(locust: Callable[..., Any], settings: Any, said: str) -> None:
    run = locust("http://127.0.0.1:9", settings=settings)
    assert run.code == 2
    assert said in run.output
    assert "Traceback" not in run.output


def test_importing_it_registers_nothing() -> None:
    code = "from locust import events; import loadtests.watch.leakwatch; assert not events.init._handlers"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


COLLIDING = """
from loadtests import shapes  # the user's own package
from locust import FastHttpUser, constant, task

class Mine(FastHttpUser):
    wait_time = constant(0.01)

    @task
    def look(self):
        self.client.get(shapes.PATH, context={"may_see": MAY_SEE, "person": "u1"})
"""


def _projects_run(tmp_path: Path, url: Any, identities: Path, may_see: list[str]) -> Any:
    (tmp_path / "loadtests").mkdir()
    (tmp_path / "loadtests" / "__init__.py").write_text("")
    (tmp_path / "loadtests" / "shapes.py").write_text("PATH = '/clips/1'\n")
    (tmp_path / "mine.py").write_text(COLLIDING.replace("MAY_SEE", repr(may_see)))
    command: list[str | Path] = [
        Path(sys.executable).parent / "earlid",
        "locust",
        "--identities",
        identities,
        "-f",
        "mine.py",
    ]
    options = ["--headless", "--only-summary", "-H", url, "-u", "2", "-t", "3s"]
    return subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(("may_see", "code"), [(["H00"], 0), (["H01"], 1)])
def test_a_project_with_packages_of_our_names_is_watched(
    tmp_path: Path, start: Callable[..., str], identities: Path, may_see: list[str], code: int
) -> None:
    run = _projects_run(tmp_path, start(LEAKY, identities), identities, may_see)
    assert run.returncode == code, run.stdout + run.stderr
    assert ("another person's" in run.stderr) == (code == 1)


UNWATCHED = """
from locust import User, constant, task

class Mine(User):
    wait_time = constant(0.05)

    @task
    def look(self):
        fire = self.environment.events.request.fire
        fire(request_type="WS", name="talk", response_time=1, response_length=2, exception=None, response=object())
"""


def test_answers_that_cannot_be_read_are_unknown_not_clean(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(UNWATCHED)
    run = locust(start(LEAKY, identities, "--clean"), locustfile=mine, seconds=3, stop=False)
    assert run.code == 3
    assert "no HTTP answers, not searched: WS" in run.output
