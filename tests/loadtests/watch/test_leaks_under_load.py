"""Leaks that exist only under concurrency: each is found under load, and none by one request at a time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

BROKEN = "tests/broken/leaks_under_load.py"
FAULTS = ("session", "cache", "pool", "flood", "limited", "stopping")

MINE = """
import itertools
from locust import FastHttpUser, constant, task

number = itertools.count()

class Mine(FastHttpUser):
    wait_time = constant(0)

    def on_start(self):
        self.who = next(number) % 5

    @task
    def look(self):
        for who in ([self.who] if TOGETHER else range(5)):
            for fault in FAULTS:
                context = {"may_see": [f"H{who:02d}"], "person": f"u{who}"}
                self.client.get(f"/{fault}", headers={"X-Person": str(who)}, context=context)
"""


def _run(
    locust: Callable[..., Any], host: str, tmp_path: Path, *, users: int, seconds: float, together: bool = True
) -> Any:
    mine = tmp_path / "mine.py"
    mine.write_text(f"TOGETHER, FAULTS = {together}, {FAULTS}\n{MINE}")
    return locust(host, "-u", str(users), "-r", "100", locustfile=mine, seconds=seconds, stop=False)


def test_each_is_found_under_load_and_none_by_one_request_at_a_time(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    host = start(BROKEN, identities)
    alone = _run(locust, host, tmp_path, users=1, seconds=5, together=False)
    assert alone.code == 0, alone.output
    assert len({(line["route"], line.get("person")) for line in alone.of("response")}) == 5 * len(FAULTS)
    under_load = _run(locust, host, tmp_path, users=20, seconds=5)
    assert under_load.code == 1
    found = {name.rpartition("/")[2] for _field, _kind, name in under_load.findings()}
    assert found == set(FAULTS)
    assert "another person's" in under_load.output


def test_the_same_load_on_a_server_without_the_faults_passes(
    locust: Callable[..., Any], start: Callable[..., str], identities: Path, tmp_path: Path
) -> None:
    run = _run(locust, start(BROKEN, identities, "--locked"), tmp_path, users=20, seconds=5)
    assert run.code == 0, run.output
    (summary,) = run.of("summary")
    assert summary["own"] > 0  # what everybody may see of themselves was found, and allowed
