"""The review tool as a process: TLS, the operator's port, and an end that breaks nothing off."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pyotp
import pytest
import trustme

from gateway.clip import RedactedClip
from gateway.files import write_private
from gateway.review.people.accounts import accounts_json, make_account
from gateway.storage.store import Store

TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = Store(f"sqlite:///{tmp_path}/clips.db")
    clip = RedactedClip(ref="ref-000", recorded_on="2019-04-10", trigger="wake_word", duration_ms=2000, transcript="a")
    store.put(clip, session_key="k")
    store.close()
    account = make_account("ada", "reviewer", "correct horse", TOTP)
    write_private(tmp_path / "accounts.json", accounts_json([account]))
    authority = trustme.CA()
    made = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    (tmp_path / "cert.pem").write_bytes(b"".join(each.bytes() for each in made.cert_chain_pems))
    write_private(tmp_path / "key.pem", made.private_key_pem.bytes())
    return tmp_path


def command(folder: Path, *options: object) -> list[str]:
    said = ["--store", f"sqlite:///{folder}/clips.db", "--accounts", folder / "accounts.json", "--port", 0]
    said += ["--audit", folder / "audit.jsonl", "--contract", "google-2019", *options]
    return [sys.executable, "-P", "-m", "gateway", "review", *map(str, said)]


@contextmanager
def serving(folder: Path, *options: object) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The process, and its addresses by what it says of them."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command(folder, *options), stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            found: dict[str, str] = {}
            while "review ready" not in found:
                line = process.stdout.readline()
                assert line, process.communicate()[1]
                what, _, url = line.strip().partition(" on ")
                found[what] = url
            yield process, found
        finally:
            process.kill()


@pytest.mark.slow
def test_tls_as_one_pair_of_options_and_figures_on_a_port_of_their_own(folder: Path) -> None:
    tls = ("--tls-cert", folder / "cert.pem", "--tls-key", folder / "key.pem", "--metrics-port", 0)
    with serving(folder, *tls) as (process, found):
        url = found["review ready"]
        assert url.startswith("https://127.0.0.1:")
        port = int(url.rpartition(":")[2])
        trust = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        with httpx.Client(verify=trust, trust_env=False) as client:
            answer = client.get(f"{url}/login")
            assert "max-age=31536000" in answer.headers["strict-transport-security"]
            assert answer.headers["set-cookie"].startswith("__Host-earlid_login=")
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            plain.sendall(b"GET /login HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert not plain.recv(4096).startswith(b"HTTP"), "nothing is served without TLS"
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.load_verify_locations(folder / "ca.pem")
        old.set_ciphers("DEFAULT:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", port), timeout=20) as raw, pytest.raises((ssl.SSLError, OSError)):
            old.wrap_socket(raw, server_hostname="localhost")
        metrics = httpx.get(found["metrics"], trust_env=False)
        assert 'route="/login",status="200"} 1.0' in metrics.text
        assert httpx.get(found["metrics"].replace("/metrics", "/readyz"), trust_env=False).text == "ok"
        with httpx.Client(verify=trust, trust_env=False) as client:
            assert client.get(f"{url}/metrics").status_code == 404
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_request_that_came_before_the_signal_is_answered(folder: Path) -> None:
    with serving(folder) as (process, found):
        port = int(re.sub(r".*:", "", found["review ready"]))
        body = b"csrf=&username=ada&password=x&code=1"
        head = f"POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(
                head.encode() + b"content-type: application/x-www-form-urlencoded\r\nexpect: 100-continue\r\n\r\n"
            )
            assert client.recv(4096).startswith(b"HTTP/1.1 100"), "it is being worked on"
            process.send_signal(signal.SIGTERM)
            client.sendall(body)
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 403"), answer[:200]
        assert process.wait(timeout=20) == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_sixty_forged_sign_ins_at_once_do_not_fill_the_memory(folder: Path) -> None:
    with serving(folder) as (process, found):
        before = memory_mib(process.pid, "VmHWM")

        def forge(number: int) -> int:
            said = {"username": f"nobody{number}", "password": "x", "code": ""}
            with httpx.Client(trust_env=False, timeout=60) as client:
                return client.post(f"{found['review ready']}/api/session", json=said).status_code

        with ThreadPoolExecutor(60) as pool:
            answers = list(pool.map(forge, range(60)))
        assert set(answers) <= {401, 429}
        assert memory_mib(process.pid, "VmHWM") - before < 160, "four hashes of 19 MiB, and some for the rest"
        assert memory_mib(process.pid, "VmRSS") - before < 60, "hashes give their memory back"


def memory_mib(pid: int, what: str) -> float:
    """Resident memory by /proc: `VmHWM` is its peak, `VmRSS` what is there now."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


def slow(said: str, *options: str) -> Any:
    """Another way to the same line: one of them runs with every change."""
    return pytest.param(options, said, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--bind", "0.0.0.0"), "--bind 0.0.0.0: wants --tls-cert and --tls-key"),
        slow("--tls-cert FILE and --tls-key FILE: both are wanted", "--tls-cert", "cert.pem"),
        slow("missing.pem: No such file", "--tls-cert", "missing.pem", "--tls-key", "key.pem"),
        slow("chmod 600", "--tls-cert", "cert.pem", "--tls-key", "ca.pem"),
    ],
)
def test_what_would_be_unsafe_or_cannot_be_is_one_line_and_exit_2(
    folder: Path, options: tuple[str, ...], said: str
) -> None:
    (folder / "ca.pem").chmod(0o644)
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        command(folder, *options), cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def children(pid: int) -> set[int]:
    return {each.pid for each in psutil.Process(pid).children()}


def signed_in(url: str) -> httpx.Client:
    client = httpx.Client(base_url=url, trust_env=False, timeout=30)
    said = {"username": "ada", "password": "correct horse", "code": pyotp.TOTP(TOTP).now()}
    assert client.post("/api/session", json=said).status_code == 200
    return client


def everywhere(client: httpx.Client, path: str, times: int = 20) -> set[int]:
    """Each over a connection of its own, so that every worker takes its share."""
    return {client.get(path, headers={"connection": "close"}).status_code for _ in range(times)}


@pytest.mark.slow
def test_several_workers_are_one_tool_and_a_killed_one_is_replaced(folder: Path) -> None:
    with serving(folder, "--workers", 2, "--metrics-port", 0) as (process, found):
        client = signed_in(found["review ready"])
        first = children(process.pid)
        assert len(first) == 2
        assert everywhere(client, "/api/queue") == {200}
        os.kill(min(first), signal.SIGKILL)
        assert process.stderr is not None
        assert "another takes its place" in process.stderr.readline()
        assert everywhere(client, "/api/queue") == {200}
        assert len(children(process.pid)) == 2
        assert children(process.pid) != first
        figures = httpx.get(found["metrics"], trust_env=False).text
        assert 'earlid_review_requests_total{method="GET",route="/api/queue",status="200"} 40.0' in figures
        assert "earlid_review_waiting_clips 1.0" in figures
        assert client.delete("/api/session", headers={"x-earlid": "1"}).status_code == 200
        assert everywhere(client, "/api/queue", 6) == {401}
        client.close()
        last = children(process.pid)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "", "")
        assert not [each for each in last if psutil.pid_exists(each)]


def test_no_worker_outlives_a_parent_that_was_killed(folder: Path) -> None:
    with serving(folder, "--workers", 2) as (process, _):
        workers = [psutil.Process(each) for each in children(process.pid)]
        process.kill()
        gone, alive = psutil.wait_procs(workers, timeout=30)
        assert (len(gone), alive) == (2, [])
