"""Visitors ask for what the settings name, under their account, and follow no redirect."""

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scenarios.model.observations import read_spool
from scenarios.model.scenario import Load
from scenarios.run.load import SETTINGS_VARIABLE, command
from simulator.world.households import make_identities


def test_pages_are_asked_for_under_the_account_and_every_answer_is_searched(tmp_path: Path) -> None:
    asked: list[tuple[str, str, str]] = []

    class App(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("X-Token", ""), self.headers.get("Cookie", "")))
            body = b"moved" if self.path == "/moved" else b"a page"
            self.send_response(302 if self.path == "/moved" else 200)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), App)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    (tmp_path / "ids.json").write_bytes(make_identities(seed=1, households=1).to_json())
    addresses = [{"path": "/clips/7", "name": "/clips/{id}", "clip": "kept-0001"}, {"path": "/moved", "name": "/moved"}]
    visiting = {"addresses": addresses, "headers": {"x-token": "t"}, "cookies": {"sid": "1"}, "wait_s": 0.05}
    settings = {"identities": str(tmp_path / "ids.json"), "spool": str(tmp_path / "spool"), "visiting": visiting}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    line = command(f"http://127.0.0.1:{server.server_port}", Load(reviewers=2, max_seconds=3), "visitors")
    env = {"PATH": "/usr/bin:/bin", SETTINGS_VARIABLE: str(tmp_path / "settings.json")}
    done = subprocess.run(line, env=env, capture_output=True, text=True, check=False, timeout=240)
    server.shutdown()
    server.server_close()
    thread.join()
    assert done.returncode == 0, done.stderr
    pages = {path for path, _, _ in asked}
    assert pages == {"/clips/7", "/moved"}, "a redirect is not followed"
    assert {(token, cookie) for path, token, cookie in asked if path in pages} == {("t", "sid=1")}
    rows, _ = read_spool(tmp_path / "spool")
    assert {(row.route, row.clip_ref, row.status) for row in rows} == {
        ("/clips/{id}", "kept-0001", 200),
        ("/moved", None, 302),
    }


def test_without_addresses_it_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "ids.json").write_bytes(make_identities(seed=1, households=1).to_json())
    (tmp_path / "s.json").write_text(json.dumps({"identities": str(tmp_path / "ids.json"), "spool": "spool"}))
    line = command("http://127.0.0.1:9", Load(max_seconds=1), "visitors")
    env = {"PATH": "/usr/bin:/bin", SETTINGS_VARIABLE: str(tmp_path / "s.json")}
    done = subprocess.run(line, env=env, capture_output=True, text=True, check=False, timeout=240, cwd=tmp_path)
    assert "visitors: the file EARLID_LEAKWATCH names: visiting: missing; visitors need addresses" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
