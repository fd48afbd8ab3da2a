"""A review desk beside the gateway of flask_system.py: another process over the same SQLite file, a form login with a
cookie, two roles. It knows nothing of Earlid.

    python flask_desk.py WEB_PORT DATABASE SHARE FAULT

SHARE of the clips are under review. LEAD_PASSWORD and TRAINEE_PASSWORD hold the passwords.
"""

import logging
import os
import secrets
import sqlite3
import sys
import time
import zlib
from html import escape
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as Answer

FAULTS = ("mended", "pages_open_to_all", "trainee_hears", "shows_every_clip", "shows_small_towns", "slow", "falls_over")
_SLOW_S = 0.6


class Desk:
    def __init__(self, database: Path, share: float, fault: str) -> None:
        self.database, self.share, self.fault = database, share, fault
        self.people: dict[str, str] = {}
        self.asked = 0

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.database) as db:
            return db.execute(query, values).fetchall()

    def under_review(self, number: int) -> bool:
        return self.fault == "shows_every_clip" or zlib.crc32(b"desk %d" % number) % 1_000 < 1_000 * self.share

    def who(self) -> str | None:
        return self.people.get(request.cookies.get("desk", ""))


def web(desk: Desk) -> Flask:
    app = Flask("desk")

    @app.post("/login")
    def login() -> Answer:
        name, said = request.form.get("user", ""), request.form.get("word", "")
        known = {"lead": os.environ["LEAD_PASSWORD"], "trainee": os.environ["TRAINEE_PASSWORD"]}
        if name not in known or said != known[name]:
            abort(401)
        desk.people[token := secrets.token_hex(16)] = name
        answer = redirect("/", 303)
        answer.set_cookie("desk", token, httponly=True)
        return answer

    @app.before_request
    def guard() -> Answer | None:
        desk.asked += 1
        if desk.fault == "slow":
            time.sleep(_SLOW_S)
        if desk.fault == "falls_over" and desk.asked > 60:
            abort(503)
        open_to_all = desk.fault == "pages_open_to_all" and request.path.startswith("/clips/")
        if request.path in ("/login", "/up") or open_to_all or desk.who() is not None:
            return None
        return redirect("/login?next=there", 303)

    @app.get("/login")
    def form() -> str:
        return "<form method=post><input name=user><input name=word type=password></form>"

    @app.get("/up")
    def up() -> str:
        return "up"

    @app.get("/")
    def queue() -> str:
        ids = [row[0] for row in desk.rows("SELECT id FROM clips ORDER BY id") if desk.under_review(row[0])]
        return "<h1>To review</h1>" + "".join(f'<a href="/clips/{each}">{each}</a> ' for each in ids)

    @app.get("/clips/<int:number>")
    def clip(number: int) -> str:
        rows = desk.rows("SELECT words FROM clips WHERE id = ?", number)
        if not rows or not desk.under_review(number):
            abort(404)
        return f"<p>{escape(rows[0][0])}</p><a href='/clips/{number}/sound'>sound</a>"

    @app.get("/clips/<int:number>/sound")
    def sound(number: int) -> Response:
        if desk.who() == "trainee" and desk.fault != "trainee_hears":
            abort(403)
        rows = desk.rows("SELECT sound FROM clips WHERE id = ?", number)
        if not rows or not desk.under_review(number):
            abort(404)
        return Response(rows[0][0], mimetype="application/octet-stream")

    @app.get("/staff")
    def staff() -> str:
        if desk.who() != "lead":
            abort(403)
        return "<h1>Staff</h1>"

    return app


def main() -> None:
    port, database, share, fault = sys.argv[1:]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    web(Desk(Path(database), float(share), fault)).run("127.0.0.1", int(port), threaded=True)


if __name__ == "__main__":
    main()
