"""A gateway and review app of yet another shape, written from the documentation: Flask, SQLite, base64 in JSON over
MQTT, a login that gives a bearer token. It knows nothing of Earlid.

    python flask_system.py HOST PORT WEB_PORT IDENTITIES COMMANDS DATABASE FAULT

The broker's account stands in MQTT_USERNAME and MQTT_PASSWORD, the reviewer's password in REVIEW_PASSWORD.
"""

import base64
import json
import logging
import os
import secrets
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from flask import Flask, Response, abort, jsonify, request
from paho.mqtt.enums import CallbackAPIVersion

FAULTS = (
    "mended",
    "ignores_the_switch",
    "keeps_false_wakes",
    "shows_serials",
    "secrets_audible",
    "stores_twice",
)  # and shows_small_towns, for flask_desk.py
TABLE = "CREATE TABLE IF NOT EXISTS clips (id INTEGER PRIMARY KEY, call, words, note, town, sound BLOB)"
PAGE = 5


class Store:
    def __init__(self, path: str) -> None:
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, check_same_thread=False)
        self.db.execute(TABLE)

    def add(self, call: str, words: str, note: str, town: str, sound: bytes) -> None:
        with self.lock, self.db:
            self.db.execute(
                "INSERT INTO clips (call, words, note, town, sound) VALUES (?, ?, ?, ?, ?)",
                (call, words, note, town, sound),
            )

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.lock:
            return self.db.execute(query, values).fetchall()


class Gateway:
    def __init__(self, store: Store, identities: Path, commands: Path, fault: str) -> None:
        homes = json.loads(identities.read_text())["households"]
        self.refused = {device["site_id"] for home in homes if not home["consent"] for device in home["devices"]}
        self.commands = set(json.loads(commands.read_text()))
        self.towns = {
            device["site_id"]: f"{home['home']['city']}, {home['home']['state']}"
            for home in homes
            for device in home["devices"]
        }
        self.store, self.fault = store, fault

    def on_message(self, _client: object, _userdata: object, message: mqtt.MQTTMessage) -> None:
        call = json.loads(message.payload)["call"]
        if not self.keeps(call):
            return
        pcm = bytearray(base64.b64decode(call["sound"])[44:])
        said = []
        for word in call["words"]:
            known = word["text"].lower() in self.commands
            said.append(word["text"] if known else "[hidden]")
            if not known and self.fault != "secrets_audible":
                first, last = int((word["start"] - 0.08) * 16_000), int((word["end"] + 0.08) * 16_000)
                first = max(0, first)
                pcm[2 * first : 2 * last] = bytes(len(pcm[2 * first : 2 * last]))
        serial = str(call["serial"]) if self.fault == "shows_serials" else ""
        note = base64.b32encode(serial.encode()).decode()
        town = self.towns[call["device"]] if self.fault == "shows_small_towns" else ""
        for _ in range(2 if self.fault == "stores_twice" else 1):
            self.store.add(call["id"], " ".join(said), note, town, bytes(pcm))

    def keeps(self, call: dict[str, Any]) -> bool:
        if call["device"] in self.refused or (call["muted"] and self.fault != "ignores_the_switch"):
            return False
        woke = bool(call["words"]) and call["words"][0]["text"].lower().startswith("alexa")
        return woke or call["how"] == "button" or self.fault == "keeps_false_wakes"


def web(store: Store, password: str) -> Flask:
    app, tokens = Flask("stranger"), set[str]()

    @app.post("/login")
    def login() -> Response:
        said = request.get_json()
        if said.get("name") != "qa" or said.get("secret") != password:
            abort(401)
        tokens.add(token := secrets.token_hex(16))
        return jsonify({"session": {"token": token}})

    @app.before_request
    def guard() -> None:
        if request.path not in ("/login", "/up") and request.headers.get("Authorization", "")[7:] not in tokens:
            abort(401)

    @app.get("/up")
    def up() -> str:
        return "up"

    @app.get("/clips")
    def clips() -> Response:
        after = int(request.args.get("after", 0))
        ids = [row[0] for row in store.rows("SELECT id FROM clips WHERE id > ? ORDER BY id LIMIT ?", after, PAGE)]
        return jsonify({"ids": ids, "more": f"/clips?after={ids[-1]}" if len(ids) == PAGE else None})

    @app.get("/clips/<int:number>")
    def clip(number: int) -> Response:
        rows = store.rows("SELECT call, words, note, sound FROM clips WHERE id = ?", number)
        if not rows:
            abort(404)
        call, words, note, sound = rows[0]
        pcm = base64.b64encode(sound).decode()
        return jsonify({"id": number, "call": call, "words": words, "note": note, "clip": {"pcm": pcm}})

    @app.get("/")
    def desk() -> str:
        rows = store.rows("SELECT id, words, note FROM clips ORDER BY id")
        lines = [f'<li data-note="{note}"><a href="/clips/{number}">{words}</a></li>' for number, words, note in rows]
        return f"<h1>To review</h1><ul>{''.join(lines)}</ul>"

    return app


def listen(client: mqtt.Client) -> None:
    client.subscribe("voice/+/said", qos=1)


def main() -> None:
    host, port, web_port, identities, commands, database, fault = sys.argv[1:]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    store = Store(database)
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(os.environ["MQTT_USERNAME"], os.environ["MQTT_PASSWORD"])
    client.on_message = Gateway(store, Path(identities), Path(commands), fault).on_message
    client.on_connect = lambda *_: listen(client)
    client.on_subscribe = lambda *_: print("listening to devices", flush=True)  # noqa: T201
    client.connect(host, int(port))
    client.loop_start()
    web(store, os.environ["REVIEW_PASSWORD"]).run("127.0.0.1", int(web_port))


if __name__ == "__main__":
    main()
