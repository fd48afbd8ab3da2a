"""The ceiling: a bare Starlette app over a copy of the same database that runs the same statements by hand.

It signs in by password, keeps sessions in the database, claims, reads, opens and annotates one clip; it has no roles,
log, form tokens, publication, drafts or limits. `python bare.py URL PORT`, with the drivers' own connections.
"""

import hashlib
import json
import secrets
import sqlite3
import sys
import threading
import time
from typing import Any

import argon2
import psycopg
import sqlalchemy as sa
import uvicorn
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

URL = sa.engine.make_url(sys.argv[1] if len(sys.argv) > 1 else "sqlite:///none")
KEYS = str(URL.query.get("clip_keys", f"{URL.database}.keys"))
_HASHER, _LOCAL = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1), threading.local()
ACCOUNT = _HASHER.hash("correct horse")
_MINE = "SELECT ref, until, done, heard FROM claims WHERE reviewer = ? AND until > ?"


class Postgres:
    """A connection with SQLite's marks for values, each statement on its own or in `with`."""

    def __init__(self) -> None:
        self._made = psycopg.connect(
            host=URL.host, port=URL.port, user=URL.username, dbname=URL.database, autocommit=True
        )

    def execute(self, statement: str, values: tuple[object, ...]) -> Any:
        return self._made.execute(statement.replace("?", "%s"), values)

    def __enter__(self) -> "Postgres":
        self._made.execute("BEGIN")
        return self

    def __exit__(self, kind: object, *_rest: object) -> None:
        self._made.execute("ROLLBACK" if kind else "COMMIT")


def db(*, keys: bool = False) -> Any:
    name = "keys" if keys else "clips"
    if not hasattr(_LOCAL, name):
        setattr(_LOCAL, name, Postgres() if URL.host and not keys else sqlite(KEYS if keys else str(URL.database)))
    return getattr(_LOCAL, name)


def sqlite(path: str) -> sqlite3.Connection:
    made = sqlite3.connect(path, timeout=10)
    for pragma in ("journal_mode=WAL", "busy_timeout=10000", "secure_delete=ON", "foreign_keys=ON"):
        made.execute(f"PRAGMA {pragma}")
    return made


def user(request: Request) -> str:
    hashed = hashlib.sha256(request.cookies["earlid_session"].encode()).hexdigest()
    return str(db().execute("SELECT username FROM sessions WHERE hashed = ?", (hashed,)).fetchone()[0])


def opened(ref: str, data: bytes, purpose: bytes) -> bytes:
    key = db(keys=True).execute("SELECT key FROM keys WHERE ref = ?", (ref,)).fetchone()[0]
    return AESGCM(key).decrypt(data[:12], data[12:], purpose)


def login(_request: Request) -> Response:
    _HASHER.verify(ACCOUNT, "correct horse")
    token, now = secrets.token_urlsafe(32), time.time()
    row = (hashlib.sha256(token.encode()).hexdigest(), "ada", "reviewer", "", now, now)
    with db() as connection:
        connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)
    answer = JSONResponse({"username": "ada"})
    answer.set_cookie("earlid_session", token)
    return answer


def next_clip(request: Request) -> Response:
    me, now, start = user(request), time.time(), secrets.randbelow(2**62)
    db().execute(_MINE, (me, now)).fetchall()
    taken = "NOT EXISTS (SELECT 1 FROM claims WHERE claims.ref = waiting.ref AND until > ?)"
    known = "NOT EXISTS (SELECT 1 FROM handled WHERE handled.ref = waiting.ref AND reviewer = ?)"
    free = f"SELECT ref FROM waiting WHERE {taken} AND {known} AND turn >= ? ORDER BY turn LIMIT 1"  # noqa: S608
    found = db().execute(free, (now, me, start)).fetchone() or db().execute(free, (now, me, 0)).fetchone()
    with db() as connection:
        connection.execute("DELETE FROM claims WHERE reviewer = ? AND done", (me,))
        connection.execute("INSERT INTO claims VALUES (?, ?, ?, ?, ?)", (found[0], me, now + 600, False, False))
    return JSONResponse({"ref": found[0]})


def clip(request: Request) -> Response:
    me, ref = user(request), request.path_params["ref"]
    db().execute(_MINE, (me, time.time())).fetchall()
    row = db().execute("SELECT recorded_on, words FROM clips WHERE ref = ? AND withdrawn IS NULL", (ref,)).fetchone()
    db().execute("SELECT * FROM annotations WHERE ref = ? ORDER BY number", (ref,)).fetchall()
    with db() as connection:
        connection.execute("UPDATE claims SET until = ? WHERE ref = ? AND reviewer = ?", (time.time() + 600, ref, me))
    return JSONResponse({"ref": ref, "recorded_on": row[0]} | json.loads(opened(ref, row[1], b"words")))


def audio(request: Request) -> Response:
    me, ref = user(request), request.path_params["ref"]
    db().execute(_MINE, (me, time.time())).fetchall()
    query = "SELECT wav FROM sounds JOIN clips ON clips.ref = sounds.ref WHERE clips.ref = ? AND withdrawn IS NULL"
    wav = db().execute(query, (ref,)).fetchone()[0]
    with db() as connection:
        connection.execute("UPDATE claims SET heard = TRUE WHERE ref = ? AND reviewer = ? AND NOT heard", (ref, me))
    return Response(opened(ref, wav, b"wav"), media_type="audio/wav")


async def annotate(request: Request) -> Response:
    said = await request.json()
    me, ref = user(request), request.path_params["ref"]
    db().execute(_MINE, (me, time.time())).fetchall()
    key = db(keys=True).execute("SELECT key FROM keys WHERE ref = ?", (ref,)).fetchone()[0]
    nonce = secrets.token_bytes(12)
    note = nonce + AESGCM(key).encrypt(nonce, said["transcription"].encode(), b"note")
    with db() as connection:
        number = connection.execute("SELECT coalesce(max(number), 0) FROM annotations WHERE ref = ?", (ref,)).fetchone()
        row = (ref, number[0] + 1, me, note, said["intent"], said["effective"], "[]", False, "[]", "2019-04-10")
        connection.execute("INSERT INTO annotations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("INSERT INTO handled VALUES (?, ?, 'annotated', '2019-04-10')", (ref, me))
        connection.execute("DELETE FROM waiting WHERE ref = ?", (ref,))
        connection.execute("UPDATE claims SET done = TRUE WHERE ref = ? AND reviewer = ?", (ref, me))
        connection.execute("DELETE FROM drafts WHERE ref = ? AND reviewer = ?", (ref, me))
    return JSONResponse({"done": True}, 201)


ROUTES = [
    Route("/api/session", login, methods=["POST"]),
    Route("/api/next", next_clip, methods=["POST"]),
    Route("/api/clips/{ref}", clip),
    Route("/api/clips/{ref}/audio", audio),
    Route("/api/clips/{ref}/annotations", annotate, methods=["POST"]),
]

if __name__ == "__main__":
    uvicorn.run(Starlette(routes=ROUTES), port=int(sys.argv[2]), http="h11", log_level="critical", access_log=False)
