"""`earlid proxy --to URL`: everything another client is answered is searched on its way."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import urlopen

from earlid import SearchClient, SearchLost, start_search
from earlid.copies.asked_by import Names
from earlid.load.recorder import Recorder
from earlid.sending.waiting import CatchUp

from gateway.ending import take_interrupts
from gateway.files import BadFile
from scenarios.commands.load import write_reports
from scenarios.commands.proxying.forward import begin, fetch_controls, mitmdump
from scenarios.leaks.proxy.relay import Relay
from scenarios.leaks.searchable import open_searchable
from scenarios.report.load.recorded import load_recorded

LEAKED, UNKNOWN = 1, 3


def proxy(
    identities: Path, to: str, *, listen: str, out: Path | None, spool: Path | None, role: str, insecure: bool
) -> int:
    """Serve until SIGINT or SIGTERM; print what was found; 0, 1 (found) or 3 (nothing can be said).

    Raises:
        BadFile: a wrong address, or a port in use, or wrong identities.
    """
    site, (host, port) = _site(to), _listen(listen)
    open_searchable(identities)
    options = ["--role", role, *(["--spool", str(spool)] if spool else [])]
    try:
        with start_search(identities, options) as search:
            client = SearchClient(search.address)
            recorder = Recorder()
            asyncio.run(_serve(site, client, recorder, host=host, port=port, role=role, insecure=insecure))
            return _conclude(client, recorder, out)
    except SearchLost as error:
        sys.stderr.write(f"proxy: {error}: nothing can be said\n")
        return UNKNOWN


def forward_proxy(
    identities: Path, *, listen: str, out: Path | None, spool: Path | None, role: str, insecure: bool, authority: Path
) -> int:
    """The same for every site, with mitmdump. `authority` is the folder of the certificates that it makes.

    Raises:
        BadFile: mitmdump is not installed, a wrong address, or a port in use, or wrong identities.
    """
    door = _listen(listen)
    take_interrupts()
    mitmdump()
    open_searchable(identities)
    options = ["--role", role, *(["--spool", str(spool)] if spool else [])]
    try:
        with (
            TemporaryDirectory(prefix="earlid-forward-") as private,
            start_search(identities, options) as search,
        ):
            client = SearchClient(search.address)
            planted = _planted(client.controls_url)
            forward = begin(
                client, planted, listen=door, authority=authority, role=role, insecure=insecure, private=Path(private)
            )
            with forward:
                fetch_controls(forward, client, planted)
                sys.stdout.write(f"proxy ready on {forward.door}\nfor HTTPS, clients trust {forward.certificate}\n")
                sys.stdout.flush()
                forward.wait()
            recorder, doubts = forward.told()
            return _conclude(client, recorder, out, doubts)
    except SearchLost as error:
        sys.stderr.write(f"proxy: {error}: nothing can be said\n")
        return UNKNOWN


async def _serve(
    site: SplitResult, client: SearchClient, recorder: Recorder, *, host: str, port: int, role: str, insecure: bool
) -> None:
    index = await asyncio.to_thread(_planted, client.controls_url)
    names = Names()

    def seen(method: str, path: str, asker: str, ms: float, status: int, size: int) -> None:
        failed = status == 0 or status >= 500
        recorder.request(time.time() - ms / 1_000, method, names.of(path), asker, ms, failed=failed, size=size)

    relay = Relay(
        site, client, role=role, seen=seen, controls=urlsplit(client.controls_url), planted=index, insecure=insecure
    )
    try:
        server = await asyncio.start_server(relay.serve, host, port)
    except OSError as error:
        raise BadFile(f"--listen {host}:{port}: {error.strerror or error}") from None
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with server:
        url = f"http://{host}:{server.sockets[0].getsockname()[1]}"
        await asyncio.to_thread(_fetch_controls, url, index)
        sys.stdout.write(f"proxy ready on {url}\n")
        sys.stdout.flush()
        await stop.wait()
        server.close()


def _planted(controls_url: str) -> dict[str, dict[str, str]]:
    """Path of each planted leak -> what is planted there."""
    with urlopen(f"{controls_url}/controls.json", timeout=30) as answer:  # noqa: S310 (our own server on loopback)
        plants = json.load(answer)["plants"]
    return {plant["path"]: {**plant, "via": "proxy"} for plant in plants}


def _fetch_controls(url: str, planted: Mapping[str, Any]) -> None:
    """Ask for every planted leak through the proxy itself, as any client does."""
    for path in planted:
        try:
            with urlopen(f"{url}{path}", timeout=30) as answer:  # noqa: S310 (our own server on loopback)
                answer.read()
        except OSError:
            continue  # an error page is an answer, too; a control that was not found is said at the end


def _conclude(client: SearchClient, recorder: Recorder, out: Path | None, doubts: Sequence[str] = ()) -> int:
    lost = client.counts.lost
    texts = sorted({text for key in recorder.routes for text in key})
    shown = dict(zip(texts, client.shown(texts), strict=True))
    catching_up = CatchUp(client, who="proxy")
    catching_up.wait()
    counts = client.end(quiet_s=60, wait=not catching_up.was_ended)
    doubts = [*doubts, *([f"{lost} answers could not be handed over"] if lost else [])]
    if counts["gone"] or counts["waiting"] or counts["broken"]:
        doubts.append(f"{counts['gone']} search workers ended early, {counts['waiting']} answers were left")
    sys.stderr.write(counts["summary"] + "".join(f"  {doubt}\n" for doubt in doubts))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        record = out / "load.json"
        record.write_text(json.dumps(_document(counts, recorder, shown, doubts)) + "\n")
        written = write_reports(load_recorded(record), out)
        sys.stderr.write(f"proxy: {record}, {', '.join(map(str, written))}\n")
    code: int | None = counts["exit_code"]
    return code if code is not None else UNKNOWN if doubts else 0


def _document(
    counts: Mapping[str, Any], recorder: Recorder, shown: Mapping[str, str], doubts: list[str]
) -> dict[str, Any]:
    """The keys of load.json. Nobody here made the load, so that nothing is said of a generator."""
    totals = counts["totals"]
    names = ("responses", "bytes", "repeated", "unanswered", "planted", "found", "findings", "unsearched")
    return {
        "schema": 1,
        "began": recorder.began,
        "warmup_s": 0.0,
        "seconds": recorder.timeline(),
        "routes": recorder.table(shown),
        "objectives": [],
        "aborted": [],
        "saturated": "",
        "waited_share": 0.0,
        "search": {
            "lost": False,
            "doubts": doubts,
            "searched": counts["searched"],
            "cpu_s": counts["cpu_s"],
            "workers": counts["workers"],
            **{name: totals[name] for name in names},
        },
    }


def _site(to: str) -> SplitResult:
    found = urlsplit(to)
    try:
        right = found.scheme in ("http", "https") and found.hostname and not found.username and found.port != 0
    except ValueError:
        right = False
    if not right or found.path not in ("", "/") or found.query:
        raise BadFile(f"--to {to[:80]}: allowed: http(s)://HOST or http(s)://HOST:PORT, nothing behind it")
    return found


def _listen(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if host not in ("127.0.0.1", "localhost") or not port.isdigit() or int(port) > 65_535:
        raise BadFile(f"--listen {listen}: allowed: 127.0.0.1:PORT (the proxy speaks without TLS, so only on loopback)")
    return host, int(port)
