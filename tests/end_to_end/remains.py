"""All that a run left behind and all that a reviewer sees, without what is drawn at random or told by the clock."""

import json
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

RANDOM = {
    "clips": ("ref", "words"),
    "sounds": ("ref", "wav"),
    "owners": ("ref", "owner"),
    "joins": ("ref",),
    "handled": ("ref",),
    "waiting": ("ref", "turn"),
    "sessions": ("hashed", "stamp"),
}
# The review's clock: when a batch of clips was published, when a reviewer signed in and with which code.
TIMES = {"publication": ("at",), "sessions": ("opened_at", "seen_at"), "used_codes": ("step",)}
_DRAWN = re.compile(r"[A-Za-z0-9_-]{22,}")
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}(:\d{2})?\b")


def of_database(path: Path) -> dict[str, Any]:
    """Rows of every table, which has no row numbers to tell of an order, and what SQLite itself counts."""
    header = path.read_bytes()[:100]
    with sqlite3.connect(path) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        tables = {name: _rows(db, name) for name in names}
        pages = [db.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "freelist_count")]
    db.close()
    return {"tables": tables, "pages": pages, "changes": header[24:28].hex(), "schema": header[40:44].hex()}


def _rows(db: sqlite3.Connection, name: str) -> list[dict[str, Any]]:
    with pytest.raises(sqlite3.OperationalError, match="rowid"):
        db.execute(f"SELECT rowid FROM {name}")  # noqa: S608 (its own table)
    cursor = db.execute(f"SELECT * FROM {name}")  # noqa: S608 (its own table)
    columns = [column[0] for column in cursor.description]
    rows = [dict(zip(columns, row, strict=True)) for row in cursor]
    drawn = RANDOM.get(name, ())
    for row in rows:
        row.update(dict.fromkeys(TIMES.get(name, ()), "a time"))
    return sorted(({key: _shape(row[key]) if key in drawn else row[key] for key in row} for row in rows), key=repr)


def _shape(drawn: str | bytes | int | None) -> str | None:
    """How something random looks: a counter in its place looks otherwise."""
    if drawn is None:
        return None
    if isinstance(drawn, int):
        return "a number drawn" if drawn > 2**32 else repr(drawn)
    return f"{len(drawn)} drawn" if len(set(drawn)) > 6 else repr(drawn)


def of_audit(path: Path) -> list[tuple[Any, ...]]:
    """What was written down, without when and without the chain."""
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    return [tuple(line.get(key) for key in ("number", "actor", "action", "result", "detail")) for line in lines]


def of_files(folder: Path) -> dict[str, int]:
    """Every file and its size; not of logs, which tell of time, or settings, which tell of paths."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        str(path.relative_to(folder)): 0 if path.suffix in (".log", ".conf") else path.stat().st_size for path in files
    }


def of_logs(folder: Path) -> dict[str, set[str]]:
    """The last line of each log, and every word of it."""
    texts = {path.name: path.read_text() for path in folder.glob("*.log") if path.name != "review.log"}
    return {
        name: {*re.findall(r"[a-zA-Z_:]{3,}", text), *re.sub(r"(?m)^\d+: ", "", text).splitlines()[-1:]}
        for name, text in texts.items()
    }


def of_review(url: str, account: Mapping[str, str]) -> list[str]:
    """Every page and answer a reviewer gets of the queue and its clips, those of clips in the order of their text."""
    with httpx.Client(base_url=url, timeout=20.0, trust_env=False) as http:
        code = pyotp.TOTP(account["totp_secret"]).now()
        sent = {"username": account["username"], "password": account["password"], "code": code}
        http.post("/api/session", json=sent).raise_for_status()
        seen = [_said(http.get(path)) for path in ("/", "/api/openapi.json", "/api/queue", "/queue")]
        routes, of_clips = ("/clips/{}", "/clips/{}/audio.wav", "/api/clips/{}", "/api/clips/{}/audio"), []
        while ref := http.post("/api/next", json={}).json()["ref"]:
            of_clips += [_said(http.get(route.format(ref))) for route in routes]
            http.post(f"/api/clips/{ref}/release", json={"why": "later"}).raise_for_status()
        of_clips.sort()
    return seen + of_clips


def _said(answer: httpx.Response) -> str:
    headers = sorted(f"{name}: {value}" for name, value in answer.headers.items() if name != "date")
    body = answer.content.hex() if answer.headers.get("content-type", "").startswith("audio") else answer.text
    body = re.sub(r"(?<=[\[\]{}]),?(?=[\[\]{}])", "\n", body)  # one row of JSON a line
    lines = sorted(_CLOCK.sub("CLOCK", _DRAWN.sub("DRAWN", f"{body}\n" + "\n".join(headers))).splitlines())
    return f"{answer.status_code}\n" + "\n".join(lines)
