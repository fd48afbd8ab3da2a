"""`earlid leaks serve`: a search process for load tests and test suites (`python -m scenarios.leaks.service`)."""

import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gateway.ending import exit_at
from gateway.files import BadFile
from gateway.identities import Household
from scenarios.leaks.controls import LABEL, ControlServer, control_household, fetch_index, plants
from scenarios.leaks.cores import cores
from scenarios.leaks.decode.signals import signals
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.needles.needles import join_tag_needles
from scenarios.leaks.searchable import open_searchable
from scenarios.leaks.service.preparing import Preparing
from scenarios.leaks.service.server import END, SearchServer, end_with_stdin
from scenarios.leaks.service.sizes import size_of
from scenarios.report.shown.covered import block
from scenarios.verdict import Where

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def serve(
    identities: Annotated[Path, typer.Option(help="who must not be found: identities.json or a needle file")],
    socket: Annotated[str, typer.Option(help="path of the Unix socket, or 127.0.0.1:PORT")],
    spool: Annotated[Path | None, typer.Option(help="one JSON line a response goes here, never a body")] = None,
    jobs: Annotated[int, typer.Option(help="worker processes; 0: one a core", min=0, max=256)] = 0,
    role: Annotated[str, typer.Option(help="who asks, unless an exchange says so")] = "reviewer",
    controls_url: Annotated[str | None, typer.Option(help="a control server that runs already")] = None,
    join_tags: Annotated[Path | None, typer.Option(help="file of secret tags, one a line: a leak too")] = None,
    backlog: Annotated[str, typer.Option(help="how much may wait: memory first, then sealed on the disk")] = "1GiB",
    owned: Annotated[bool, typer.Option("--owned", help="end when standard input closes")] = False,
) -> None:
    """Search what load tests and test suites hand over, in processes of its own, until it is stopped.

    \b
    Example:
      earlid leaks serve --identities ids.json --socket /tmp/search.sock --spool responses.jsonl
    """
    if not owned:
        exit_at(signal.SIGINT, code=130)  # also where a script started this with `&`, and SIGINT was ignored
    with _folder_of(socket) if owned else nullcontext():
        _serve(identities, socket, spool, jobs, role, controls_url, join_tags, room=size_of(backlog), owned=owned)


def _serve(
    identities: Path,
    socket: str,
    spool: Path | None,
    jobs: int,
    role: str,
    controls_url: str | None,
    join_tags: Path | None,
    *,
    room: int,
    owned: bool,
) -> None:
    count, preparing = jobs or cores(), Preparing()
    with preparing.step("reading who is looked for"):
        known = open_searchable(identities)
    if LABEL in known.labels:
        raise BadFile(f"{identities}: households: {LABEL} is the label of the planted controls, choose another")
    _check_writable(spool)
    homes = f"{len(known.labels):,} households"
    with preparing.step("compiling what tells encodings apart, once on this machine"):
        signals()
    with preparing.step(f"compiling what is looked for of {homes}"):
        detector = known.detector(beside=_control(controls_url), extra=join_tag_needles(_lines(join_tags)))
    hashing = f"hashing {detector.needle_count:,} values (a file of `earlid needles build --hashes` has them)"
    detector.hash_now(jobs=count, said=partial(preparing.share, hashing))
    with preparing.step("searching the planted leaks"):
        _warm(detector)
    folder = Path(socket).parent if owned and "/" in socket else None
    with SearchServer(
        detector, socket, known=known, jobs=count, spool=spool, role=role, room=room, folder=folder
    ) as server:
        if owned:
            for each in (signal.SIGINT, signal.SIGTERM):  # they end the load; the owner then asks what was found
                signal.signal(each, signal.SIG_IGN)
            threading.Thread(target=end_with_stdin, name="owner", daemon=True).start()
        said = f"search ready {server.address}: {len(known.labels)} households, {detector.needle_count} needles"
        sys.stdout.write(f"{said}, {count} workers\n")
        sys.stdout.flush()
        for line in block(detector.fields, detector.left_out, ()):
            sys.stderr.write(f"leak search, with its planted controls, {line}\n")
        if controls_url:
            server.controls_url = controls_url
            server.serve()
        with ControlServer(control_household(0)) as controls:
            server.controls_url = controls.url
            server.serve()


@contextmanager
def _folder_of(socket: str) -> Iterator[None]:
    """Remove the owner's private folder at the end. An owner that was killed or stopped early cannot do it."""
    try:
        yield
    finally:
        folder = Path(socket).parent
        if folder.name.startswith("earlid-search-"):
            shutil.rmtree(folder, ignore_errors=True)


def _warm(detector: LeakDetector) -> None:
    """Search every planted leak once: what is compiled when it is first needed is compiled here, not in each worker."""
    for plant in plants(control_household(0)).values():
        detector.scan_bytes(plant.body, Where(kind="response_body", name="planted"))


def _control(controls_url: str | None) -> Household:
    served = fetch_index(controls_url).household if controls_url else None
    return Household.model_validate(served) if served else control_household(0)


def _lines(path: Path | None) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split() if path else []
    except (OSError, UnicodeDecodeError):
        raise BadFile(f"{path}: cannot be read as lines of tags") from None


def _check_writable(spool: Path | None) -> None:
    try:
        if spool is not None:
            spool.open("ab").close()
    except OSError as error:
        raise BadFile(f"{spool}: {error.strerror or 'cannot be written'}") from None


def main() -> None:
    """One line and exit 2 for what a person has to mend."""
    exit_at(signal.SIGTERM, END, code=0)
    try:
        app(prog_name="earlid leaks serve")
    except BadFile as error:
        sys.stderr.write(f"leak watch: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
