"""`earlid proxy --mode forward` with curl, requests and Chromium: HTTP, HTTPS, HTTP/2, WebSocket."""

import json
import shutil
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from playwright.sync_api import expect, sync_playwright

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.commands.proxy import forward_proxy
from scenarios.leaks.controls import control_household

ROOT = Path(__file__).parents[4]
EARLID = Path(sys.executable).parent / "earlid"
needs_mitmdump = pytest.mark.skipif(shutil.which("mitmdump") is None, reason="mitmdump is not installed")


@pytest.fixture
def identities(tmp_path: Path) -> Path:
    home = control_household(31).model_copy(update={"household_id": "H1"})
    path = tmp_path / "ids.json"
    path.write_bytes(Identities(schema=1, households=(home,)).to_json())
    return path


@pytest.fixture
def site(identities: Path) -> Iterator[str]:
    command = [sys.executable, "tests/broken/leaky_site.py", str(identities)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
        process.kill()


@pytest.fixture
def secure_site(identities: Path) -> Iterator[str]:
    """HTTPS with a certificate that nobody trusts: a person's address at /contact, in zstd at /odd."""
    person = json.loads(identities.read_text())["households"][0]["members"][0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = person["emails"][0].encode() if self.path == "/contact" else b"nothing that can be read"
            self.send_response(200)
            if self.path == "/odd":
                self.send_header("Content-Encoding", "x-own")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def forward(identities: Path, tmp_path: Path) -> Iterator[tuple[Any, str, Path]]:
    options = ["--mode", "forward", "--listen", "127.0.0.1:0", "--ca", tmp_path / "ca", "--out", tmp_path / "out"]
    command = [str(each) for each in (EARLID, "proxy", "--identities", identities, "--insecure", *options)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    door = process.stdout.readline().split()[-1]
    certificate = Path(process.stdout.readline().split()[-1])
    yield process, door, certificate
    process.kill()
    process.communicate(timeout=20)


def _major() -> int:
    """The version of mitmdump."""
    told = subprocess.run(["mitmdump", "--version"], capture_output=True, text=True, timeout=60).stdout
    return int(told.split()[1].split(".")[0])


def _ended(process: Any) -> tuple[int, str]:
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    return process.returncode, said


@pytest.mark.slow
@needs_mitmdump
def test_curl_and_requests_are_watched_over_http_https_and_http2(
    forward: tuple[Any, str, Path], site: str, secure_site: str, tmp_path: Path
) -> None:
    process, door, certificate = forward
    assert [(path.stat().st_mode & 0o077) for path in (tmp_path / "ca").glob("*.p*")] == [0] * 5
    assert (tmp_path / "ca").stat().st_mode & 0o777 == 0o700
    headers = {"X-Earlid-Role": "auditor"}
    told = requests.get(f"{site}/me", proxies={"http": door}, headers=headers, timeout=60)
    assert told.text.startswith("Hello ")
    curl = ["curl", "-s", "-x", door, "--cacert", str(certificate), "-w", " %{http_version}"]
    done = subprocess.run([*curl, "--http2", f"{secure_site}/contact"], capture_output=True, text=True, timeout=60)
    address, version = done.stdout.split()
    assert "@" in address
    assert version == "2" or _major() < 9, "older ones speak to a client what the site speaks: here HTTP/1.1"
    code, said = _ended(process)
    assert code == 1, said
    assert "leak: members.name in response_body of auditor GET 127.0.0.1/me: 1" in said
    assert "leak: members.emails in response_body of user GET 127.0.0.1/contact: 1" in said
    record = json.loads((tmp_path / "out" / "load.json").read_text())
    assert {row["route"] for row in record["routes"]} == {"127.0.0.1/me", "127.0.0.1/contact"}
    assert record["search"]["planted"] == record["search"]["found"] > 0


@pytest.mark.slow
@needs_mitmdump
def test_a_body_that_cannot_be_read_is_counted_and_nothing_is_called_clean(
    forward: tuple[Any, str, Path], secure_site: str
) -> None:
    process, door, certificate = forward
    answer = requests.get(
        f"{secure_site}/odd", proxies={"https": door}, verify=str(certificate), timeout=60, stream=True
    )
    assert answer.raw.read() == b"nothing that can be read"
    code, said = _ended(process)
    assert code == 3, said
    assert "content-encoding x-own" in said


@pytest.mark.slow
@needs_mitmdump
def test_a_browser_that_uses_the_proxy_is_watched(forward: tuple[Any, str, Path], site: str) -> None:
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.skip("chromium is not installed")
    process, door, _certificate = forward
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=binary, args=["--no-sandbox", "--disable-gpu"], proxy={"server": door}
        ) as browser,
    ):
        page = browser.new_page()
        page.goto(f"{site}/")
        expect(page.locator("#said")).to_contain_text("heard")  # over the WebSocket
        page.goto(f"{site}/me")
        expect(page.locator("body")).to_contain_text("Hello")
    code, said = _ended(process)
    assert code == 1, said
    assert "leak: members.name in response_body of user GET 127.0.0.1/me" in said
    assert "leak: members.emails in websocket of user GET 127.0.0.1/talk" in said


def test_without_mitmdump_it_is_one_line(identities: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadFile, match="--mode forward: mitmdump is wanted"):
        forward_proxy(
            identities, listen="127.0.0.1:0", out=None, spool=None, role="u", insecure=False, authority=tmp_path / "ca"
        )


@pytest.mark.parametrize("wrong", [("--mode", "forward", "--to", "http://x"), ("--mode", "sideways"), ()])
def test_options_that_do_not_fit_are_told(identities: Path, wrong: tuple[str, ...]) -> None:
    command = [str(EARLID), "proxy", "--identities", str(identities), *wrong]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "--to" in done.stderr or "--mode" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@needs_mitmdump
def test_a_script_that_started_it_in_the_background_may_interrupt_it(identities: Path, tmp_path: Path) -> None:
    options = ["--mode", "forward", "--listen", "127.0.0.1:0", "--ca", tmp_path / "ca"]
    command = [str(each) for each in (EARLID, "proxy", "--identities", identities, *options)]
    ignoring = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]  # as `command &` of a script
    process = subprocess.Popen(ignoring, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("proxy ready")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3, said
    assert "nothing was searched" in said
