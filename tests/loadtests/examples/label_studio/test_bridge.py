"""The bridge to Label Studio, against a server that answers as its API does (label-studio 1.23)."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from loadtests.examples.label_studio.bridge import Clip, LabelStudio, task, words_of

TOKEN = "t" * 40


@pytest.fixture
def studio() -> Iterator[tuple[LabelStudio, list[tuple[str, str, Any]]]]:
    asked: list[tuple[str, str, Any]] = []

    class Api(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, json.loads(body) if body else None))
            inside = self.headers.get("Authorization") == f"Token {TOKEN}"
            tasks = sum(len(each) for method, path, each in asked if path.endswith("/import"))
            said = json.dumps({"id": 7, "task_number": tasks}).encode()
            self.send_response(200 if inside else 401)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 (the names http.server uses)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name http.server uses)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made = LabelStudio(f"http://127.0.0.1:{server.server_port}", TOKEN)
        yield made, asked
        made.close()
        server.shutdown()


def test_every_clip_becomes_a_task(studio: tuple[LabelStudio, list[tuple[str, str, Any]]]) -> None:
    label, asked = studio
    clips = [Clip(words=f"clip {number}", facts={"ref": number}, wav=b"RIFF") for number in range(45)]
    assert label.fill(label.project("some"), clips) == 45
    sent = [each["data"]["words"] for _, path, some in asked if path == "/api/projects/7/import" for each in some]
    assert sent == [clip.words for clip in clips]
    label.remove(7)
    assert asked[-1][:2] == ("DELETE", "/api/projects/7/")


def test_who_is_refused_is_told(studio: tuple[LabelStudio, list[tuple[str, str, Any]]]) -> None:
    label, _ = studio
    other = LabelStudio(str(label._http.base_url), "wrong")
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        other.project("some")
    other.close()


def test_a_task_holds_facts_words_and_sound_and_a_withheld_sound_is_empty() -> None:
    facts = {"words": [{"text": "alexa"}, {"text": "[masked]"}], "device": "d-1"}
    made = task(Clip(words=words_of(facts), facts=facts, wav=b"RIFF-and-so-on"))["data"]
    assert (made["words"], made["facts"]) == ("alexa [masked]", facts)
    assert base64.b64decode(made["audio"].partition(",")[2]) == b"RIFF-and-so-on"
    assert task(Clip(words="", facts={}, wav=None))["data"]["audio"] == ""
