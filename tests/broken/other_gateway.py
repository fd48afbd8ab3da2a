"""Another gateway and review app than Earlid's own, as somebody else might write them: utterances come whole, as base64
in JSON over MQTT; they lie in SQLite; a bearer token opens the list. It knows nothing of Earlid.

    python other_gateway.py HOST:PORT DATABASE NO_CONSENT COMMANDS

It serves a tenant for each fault, the first level of a topic and of a path: `mended` has none.
"""

import base64
import io
import json
import os
import secrets
import sqlite3
import sys
import threading
import wave
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

FAULTS = ("mended", "keeps_everything", "keeps_false_wakes", "serves_places", "secrets_audible", "keeps_twice")
PAGE = 7
TABLE = "CREATE TABLE clips (id INTEGER PRIMARY KEY, tenant, session, said, place, sound BLOB)"


class Store:
    """Kept clips; one connection, one lock."""

    def __init__(self, path: str) -> None:
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, check_same_thread=False)
        self.db.execute(TABLE)
        self.seen: dict[str, int] = {}

    def add(self, row: tuple[Any, ...]) -> None:
        with self.lock, self.db:
            self.db.execute("INSERT INTO clips (tenant, session, said, place, sound) VALUES (?, ?, ?, ?, ?)", row)

    def page(self, tenant: str, number: int) -> list[tuple[Any, ...]]:
        with self.lock:
            query = "SELECT id, session, said, place FROM clips WHERE tenant = ? ORDER BY id LIMIT ? OFFSET ?"
            return self.db.execute(query, (tenant, PAGE, PAGE * number)).fetchall()

    def sound(self, tenant: str, number: int) -> bytes | None:
        with self.lock:
            query = "SELECT sound FROM clips WHERE tenant = ? AND id = ?"
            row = self.db.execute(query, (tenant, number)).fetchone()
            return row[0] if row else None


class Gateway:
    """Decides by the button, the mute switch, consent, and the first word of the transcript."""

    def __init__(self, store: Store, no_consent: set[str], commands: set[str]) -> None:
        self.store, self.no_consent, self.commands = store, no_consent, commands

    def on_message(self, _client: object, _userdata: object, message: mqtt.MQTTMessage) -> None:
        tenant, _, device = message.topic.partition("/")
        heard = json.loads(message.payload)
        if self.keeps(tenant, device, heard):
            pcm = bytearray(base64.b64decode(heard["pcm"]))
            said = []
            for word in heard["words"]:
                known = word["text"].strip(".,?!").lower() in self.commands
                said.append(word["text"] if known else "___")
                if not known and tenant != "secrets_audible":
                    start, end = max(0, word["from"] - 800), word["to"] + 800
                    pcm[2 * start : 2 * end] = bytes(len(pcm[2 * start : 2 * end]))
            place = heard["place"] if tenant == "serves_places" else None
            row = (tenant, heard["session"], " ".join(said), json.dumps(place), bytes(pcm))
            for _ in range(2 if tenant == "keeps_twice" else 1):
                self.store.add(row)
        self.store.seen[tenant] = self.store.seen.get(tenant, 0) + 1

    def keeps(self, tenant: str, device: str, heard: dict[str, Any]) -> bool:
        if tenant == "keeps_everything":
            return True
        if heard["muted"] or device in self.no_consent:
            return False
        woke = bool(heard["words"]) and heard["words"][0]["text"].lower().startswith("alexa")
        return heard["button"] or woke or tenant == "keeps_false_wakes"


def app(store: Store, password: str) -> type[BaseHTTPRequestHandler]:
    tokens: set[str] = set()

    class App(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/session" or body.get("pass") != password:
                self.send_error(401)
                return
            tokens.add(token := secrets.token_hex(16))
            self.answer({"auth": {"token": token}})

        def do_GET(self) -> None:
            if self.path.startswith("/heard/"):
                self.answer(store.seen.get(self.path.removeprefix("/heard/"), 0))
                return
            if self.headers.get("Authorization", "").removeprefix("Bearer ") not in tokens:
                self.send_error(401)
                return
            path, _, query = self.path.partition("?")
            _, tenant, what, *rest = path.split("/")
            if what == "sounds":
                self.sound(store.sound(tenant, int(rest[0])))
                return
            number = int(query.removeprefix("page=") or 0)
            rows = store.page(tenant, number)
            items = [
                {"no": row[0], "meta": {"call": row[1], "place": json.loads(row[3])}, "transcript": row[2]}
                for row in rows
            ]
            following = f"/{tenant}/clips?page={number + 1}" if len(rows) == PAGE else None
            self.answer({"data": {"clips": items}, "more": following})

        def answer(self, found: object) -> None:
            self.send_bytes(json.dumps(found).encode(), "application/json")

        def sound(self, pcm: bytes | None) -> None:
            if pcm is None:
                self.send_error(404)
                return
            made = io.BytesIO()
            with wave.open(made, "wb") as file:
                file.setparams((1, 2, 16_000, 0, "NONE", ""))
                file.writeframes(pcm)
            self.send_bytes(made.getvalue(), "audio/wav")

        def send_bytes(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name http.server uses)
            pass

    return App


def main() -> None:
    host, _, port = sys.argv[1].partition(":")
    store = Store(sys.argv[2])
    no_consent, commands = (set(json.loads(Path(path).read_text())) for path in sys.argv[3:5])
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="other-gateway")
    client.on_message = Gateway(store, no_consent, commands).on_message
    client.on_connect = lambda *_: client.subscribe("+/+", qos=1)  # type: ignore[assignment]
    server = ThreadingHTTPServer(("127.0.0.1", 0), app(store, os.environ["REVIEW_PASSWORD"]))
    client.on_subscribe = lambda *_: print(f"ready on {server.server_port}", flush=True)  # noqa: T201
    client.connect(host, int(port))
    client.loop_start()
    server.serve_forever()


if __name__ == "__main__":
    main()
