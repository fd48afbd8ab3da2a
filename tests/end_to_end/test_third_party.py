"""Applications of other people, from PyPI, under `earlid locust` with locustfiles that know nothing of Earlid.

Datasette serves a table, Radicale an address book: with people of the identities file in it, and with nobody.
"""

import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.identities import Household, Identities
from scenarios.leaks.controls import control_household
from tests.environments import environment

HERE = Path(__file__).parent / "third_party"
EARLID = Path(sys.executable).parent / "earlid"
ROWS = 5
DATASETTE = {
    "http_user.py": {"GET /work/clips", "GET /work/clips/[id]", "GET clips as JSON", "GET clips as CSV"},
    "fast_user.py": {
        "GET /work/clips.json",
        "GET /work.json?sql={}",
        "GET clips as CSV",
        "GET /work/clips?_sort_desc={}&_size={}",
    },
    "task_sets.py": {"GET /work/clips/:id.json"},
}
RADICALE = {
    "http_user.py": {"GET /qa/contacts/", "GET /qa/contacts/[card]"},
    "fast_user.py": {"GET /qa/contacts/card-1.vcf", "GET card, asked again", "REPORT REPORT contacts"},
    "task_sets.py": {"GET /qa/[book]/[card]"},
}


@pytest.fixture(scope="module")
def programs() -> Path:
    return environment(HERE / "apps.lock", "datasette and Radicale")


@pytest.fixture(scope="module")
def homes() -> tuple[Household, ...]:
    made = (control_household(seed) for seed in range(50, 50 + ROWS))
    return tuple(home.model_copy(update={"household_id": f"H{at}"}) for at, home in enumerate(made))


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Starts a server on a port of its own; waits until it answers; gives its address."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(command: Callable[[int], list[Any]]) -> str:
        with socket.create_server(("127.0.0.1", 0)) as door:
            port = door.getsockname()[1]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running.append(subprocess.Popen(list(map(str, command(port))), **quiet))  # type: ignore[call-overload]
        url = f"http://127.0.0.1:{port}"
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            try:
                httpx.get(url, timeout=5)
                return url
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"nobody answers at {url}")

    yield begin
    for process in running:
        process.terminate()
        process.wait(20)


def _datasette(
    programs: Path, folder: Path, homes: tuple[Household, ...], *, planted: bool
) -> Callable[[int], list[Any]]:
    said = [
        f"call {home.members[0].name} at {home.members[0].phones[0]}" if planted else "dim the light" for home in homes
    ]
    with sqlite3.connect(folder / "work.db") as database:
        database.execute("create table clips (id integer primary key, said text)")
        database.executemany("insert into clips (said) values (?)", [(each,) for each in said])
    database.close()
    return lambda port: [programs / "datasette", "serve", folder / "work.db", "-p", port]


def _radicale(
    programs: Path, folder: Path, homes: tuple[Household, ...], *, planted: bool
) -> Callable[[int], list[Any]]:
    book = folder / "collection-root" / "qa" / "contacts"
    book.mkdir(parents=True)
    (book / ".Radicale.props").write_text(json.dumps({"tag": "VADDRESSBOOK"}))
    for at, home in enumerate(homes):
        person = home.members[0]
        name, mail = (person.name, person.emails[0]) if planted else (f"Lamp {at}", f"lamp{at}@example.net")
        lines = [
            "BEGIN:VCARD",
            "VERSION:3.0",
            f"UID:card-{at}",
            f"FN:{name}",
            f"N:{name};;;;",
            f"EMAIL:{mail}",
            "END:VCARD",
        ]
        (book / f"card-{at}.vcf").write_text("\r\n".join([*lines, ""]), newline="")
    settings = ["--auth-type", "none", "--rights-type", "authenticated", "--storage-filesystem-folder", folder]
    return lambda port: [programs / "radicale", "--server-hosts", f"127.0.0.1:{port}", *settings]


def _watched(tmp_path: Path, homes: tuple[Household, ...], locustfile: str, url: str, *options: str) -> Any:
    ids = tmp_path / "ids.json"
    ids.write_bytes(Identities(schema=1, households=homes).to_json())
    command = [
        EARLID,
        "locust",
        "--identities",
        ids,
        "-f",
        HERE / locustfile,
        "--headless",
        "--only-summary",
        "-H",
        url,
    ]
    return subprocess.run(
        [*map(str, command), "-u", "4", "-r", "20", "-t", "4s", *options],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def _leaking(said: str) -> set[str]:
    lines = [line.strip() for line in said.splitlines() if line.strip().startswith("leak: ")]
    return {line.partition(" of user ")[2].rpartition(":")[0] for line in lines}


@pytest.mark.slow
@pytest.mark.parametrize("locustfile", ["http_user.py", "fast_user.py", "task_sets.py"])
@pytest.mark.parametrize(
    ("app", "places"), [(_datasette, DATASETTE), (_radicale, RADICALE)], ids=["datasette", "radicale"]
)
def test_other_peoples_application_is_watched_by_an_unchanged_locustfile(
    programs: Path, homes: Any, serve: Any, tmp_path: Path, app: Any, places: dict[str, set[str]], locustfile: str
) -> None:
    name = app.__name__.strip("_")
    for planted in (True, False):
        folder = tmp_path / str(planted)
        folder.mkdir()
        url = serve(app(programs, folder, homes, planted=planted))
        run = _watched(tmp_path, homes, locustfile, url, "--tags", name)
        assert "Traceback" not in run.stderr
        assert run.returncode == (1 if planted else 0), run.stderr + run.stdout
        assert _leaking(run.stderr) == (places[locustfile] if planted else set())
        assert not planted or "leak: members.name in response_body of user " in run.stderr
