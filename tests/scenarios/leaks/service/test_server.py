"""The search as processes: everything that is handed over is searched, and what cannot be is said."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from earlid import Exchange, SearchClient, SearchLost, SearchProcess, start_search

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.service.server import Patience, listen


@pytest.fixture(scope="module")
def known() -> Identities:
    homes = [control_household(seed) for seed in (41, 42)]
    labelled = [home.model_copy(update={"household_id": f"H{at}"}) for at, home in enumerate(homes)]
    return Identities(schema=1, households=tuple(labelled))


@pytest.fixture
def search(tmp_path: Path, known: Identities) -> Iterator[SearchProcess]:
    identities = tmp_path / "identities.json"
    identities.write_bytes(known.to_json())
    with start_search(identities, ["--jobs", "2", "--spool", str(tmp_path / "spool.jsonl")]) as process:
        yield process


def _page(name: str, body: bytes, **more: object) -> Exchange:
    return Exchange(name=name, status=200, urls=(f"http://h{name}",), bodies=(("response_body", body),), **more)  # type: ignore[arg-type]


def test_a_leak_is_found_and_the_counts_reconcile(search: SearchProcess, known: Identities, tmp_path: Path) -> None:
    client = SearchClient(search.address)
    email = known.households[0].members[0].emails[0]
    for at in range(40):
        client.send(_page(f"/clean/{at}", b"nothing here" * at))
    client.send(_page("/leak", f"<p>{email}</p>".encode()))
    assert client.flush() == {"received": 41, "searched": 41}
    counts = client.end()
    assert (counts["received"], counts["searched"], client.counts.sent) == (41, 41, 41)
    assert counts["exit_code"] == 1
    assert list(counts["totals"]["findings"]) == ["members.emails in response_body of reviewer GET /leak"]
    assert email not in (tmp_path / "spool.jsonl").read_text() + counts["summary"]


def test_large_bodies_of_a_load_generator_are_all_searched(search: SearchProcess, known: Identities) -> None:
    client = SearchClient(search.address, gather=True)
    email = known.households[0].members[0].emails[0].encode()
    for at in range(100):  # more than shared memory holds at once
        client.send(_page(f"/{at}", b"x" * 150_000 + (b" " + email if at % 10 == 0 else b"")))
    counts = client.end()
    assert (counts["received"], counts["searched"], client.counts.sent, client.counts.lost) == (100, 100, 100, 0)
    assert counts["totals"]["responses"] == 100
    assert sum(counts["totals"]["findings"].values()) == 10


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the workers")
def test_a_search_that_is_killed_with_bodies_in_shared_memory_is_told(search: SearchProcess) -> None:
    client, processes = SearchClient(search.address, gather=True), _children(search)
    for at in range(20):
        client.send(_page(f"/{at}", b"x" * 100_000))
    for pid in processes:
        os.kill(pid, signal.SIGKILL)
    while any("Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3] for pid in processes):
        time.sleep(0.01)
    for at in range(20):
        client.send(_page(f"/{at}", b"x" * 100_000))
    counts = client.end(quiet_s=5)
    assert counts["gone"] == 3
    assert client.counts.lost > 0
    assert client.counts.sent + client.counts.lost == 40


def test_the_same_body_again_is_counted_again(search: SearchProcess, known: Identities) -> None:
    client = SearchClient(search.address)
    body = known.households[0].members[0].emails[0].encode()
    for _ in range(5):
        client.send(_page("/leak", body))
    totals = client.end()["totals"]
    assert totals["findings"] == {"members.emails in response_body of reviewer GET /leak": 5}
    assert totals["responses"] == 5
    assert totals["repeated"] in (3, 4)  # each of the two workers searches it at most once


def test_own_data_is_allowed_and_another_persons_is_not(search: SearchProcess, known: Identities) -> None:
    client = SearchClient(search.address)
    mine, theirs = (home.members[0].emails[0].encode() for home in known.households)
    context = {"may_see": [known.households[0].household_id], "person": "u1"}
    assert client.search(_page("/me", mine, context=context))["findings"] == []
    (found,) = client.search(_page("/me", theirs, context=context))["findings"]
    assert found["field"] == "members.emails"
    totals = client.end()["totals"]
    assert totals["own"] == 1
    assert "another person's" in next(iter(totals["findings"]))


def test_a_killed_worker_is_no_clean_result(search: SearchProcess) -> None:
    client = SearchClient(search.address)
    (worker, *_rest) = _children(search)
    os.kill(worker, signal.SIGKILL)
    counts = client.end(quiet_s=5)
    assert counts["gone"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the workers")
def test_signals_that_a_whole_group_gets_leave_a_search_to_its_owner(search: SearchProcess, known: Identities) -> None:
    client, parent = SearchClient(search.address), search._process.pid
    client.search(_page("/leak", known.households[0].members[0].emails[0].encode()))
    workers = [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    assert len(workers) == 3  # one of them keeps what waits
    for pid in (parent, *workers):
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)
    client.send(_page("/clean", b"nothing here"))
    counts = client.end()
    assert (counts["searched"], counts["gone"], counts["exit_code"]) == (2, 0, 1)
    search.stop()
    assert search._process.returncode == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_a_dead_search_is_told_and_harms_no_caller(search: SearchProcess) -> None:
    client = SearchClient(search.address)
    search.stop()
    for at in range(3):
        client.send(_page(f"/{at}", b"x"))
    client.close()
    assert client.counts.lost > 0
    with pytest.raises(SearchLost):
        client.end()


def test_what_breaks_off_inside_a_frame_is_counted(search: SearchProcess) -> None:
    client = SearchClient(search.address)
    client.flush()  # the workers have taken the connections
    client._link._connection.sendall(b"\0\0\1\0\1")
    assert client.end(quiet_s=5)["broken"] == 1


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(BadFile, match=r"allowed: a path of a socket, or 127\.0\.0\.1:PORT"):
        listen("0.0.0.0:0")
    listen("127.0.0.1:0").close()


def _children(search: SearchProcess) -> list[int]:
    pid = search._process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _report(searched: int, cpu_s: float) -> dict[str, float]:
    return {"searched": searched, "cpu_s": cpu_s}


def test_one_long_search_is_no_standstill() -> None:
    patience = Patience(30.0)
    reports = [[_report(10, second), _report(7, 0.1)] for second in range(120)]
    assert [patience.ends(report, second) for second, report in enumerate(reports)] == [False] * 120


def test_workers_that_neither_search_nor_compute_are_given_up() -> None:
    patience = Patience(30.0)
    said = [patience.ends([_report(10, 5.0 + second * 0.005)], second) for second in range(40)]
    assert said.index(True) == 31


def test_a_worker_that_computes_for_ever_is_given_up_later() -> None:
    patience = Patience(30.0)
    said = [patience.ends([_report(10, second)], second) for second in range(400)]
    assert said.index(True) == 301


def test_a_script_that_started_it_in_the_background_may_interrupt_it(known: Identities, tmp_path: Path) -> None:
    (tmp_path / "ids.json").write_bytes(known.to_json())
    command = [sys.executable, "-m", "scenarios.leaks.service", "--identities", str(tmp_path / "ids.json")]
    ignoring = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command, "--socket", "127.0.0.1:0", "--jobs", "1"]
    with subprocess.Popen(ignoring, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout.readline().startswith("search ready")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
