"""`earlid locust`: Locust with the leak watch on, for a locustfile that knows nothing of it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from gateway.files import BadFile
from scenarios.commands.load import write_reports
from scenarios.leaks.searchable import open_searchable
from scenarios.leaks.service.sizes import size_of
from scenarios.model.slo_file import load_slo, told
from scenarios.report.load.page import framed_section
from scenarios.report.load.recorded import Recorded, load_recorded
from scenarios.run.processes import die_with_parent

USAGE = """\
Usage: earlid locust --identities FILE [--slo FILE] [--out DIR] -f LOCUSTFILE [locust's own options]

  Run your own, unchanged locustfile; every response (status, headers, body) is searched for the
  identities in FILE, by processes of their own beside the load. Planted leaks go through the same
  pipeline to prove that it sees. A request's context may say whose data the user may see:
  self.client.get("/me", context={"may_see": ["H01"]}).

  --identities FILE  who must not be found: identities.json (`earlid schema identities`), or a
                     needle file that `earlid needles build` made of one
  --slo FILE         slo.yaml: what the run must keep to (`earlid schema slo`); each line is judged
  --out DIR          load.json, load.html and junit.xml go here
  --metrics-port N   figures for Prometheus at http://127.0.0.1:N/metrics while the run goes on
  --otlp URL         the same figures to an OpenTelemetry receiver (OTLP over HTTP), every five seconds
  --search-backlog N how much may wait to be searched, such as 512MiB, 2GiB (default 1GiB): memory
                     first, then sealed on the disk. Users wait only when it is full. After the load
                     the search goes on; Ctrl-C then ends it, and what is left is unknown
  --spool FILE       keep one JSON line a response here (never a body); default: thrown away

  Everything else is Locust's: --headless --host URL --users N --run-time 1m --processes 2 ...

  Exit 1 when an identity was found or an objective missed, 3 when something was not searched, a
  planted leak was missed or the generator measured itself, 2 when Locust refuses its options or the
  locustfile, otherwise Locust's own exit code.

Example:
  earlid locust --identities ids.json -f mine.py --headless --host http://127.0.0.1:8080 -u 10 -t 1m
"""


def locust(arguments: Sequence[str]) -> NoReturn:
    """Run Locust and exit with its code.

    Raises:
        BadFile: no identities given, or the file is wrong.
    """
    options = list(arguments)
    if not options or "--help" in options or "-h" in options:
        sys.stdout.write(USAGE)
        raise SystemExit(0)
    identities, spool = _take(options, "--identities"), _take(options, "--spool")
    slo, out = _take(options, "--slo"), _take(options, "--out")
    backlog = _take(options, "--search-backlog")
    port, otlp = _port(_take(options, "--metrics-port")), _endpoint(_take(options, "--otlp"))
    if identities is None:
        raise BadFile("--identities FILE: wanted; who must not be found (see `earlid locust --help`)")
    open_searchable(Path(identities))  # refuse a wrong file before Locust starts
    environment = {**os.environ, "EARLID_IDENTITIES": str(Path(identities).absolute())}
    if backlog is not None:
        environment["EARLID_BACKLOG"] = str(size_of(backlog))
    if spool is not None:
        environment["EARLID_SPOOL"] = str(Path(spool).absolute())
    folder = _folder(out)
    with tempfile.TemporaryDirectory(prefix="earlid-load-") as private:
        wanted = told(load_slo(Path(slo)) if slo is not None else None)
        record = (folder or Path(private)) / "load.json"
        settings = Path(private) / "settings.json"
        figures = Path(private) / "figures.json"
        live = str(figures) if otlp is not None else None
        settings.write_text(json.dumps({**wanted, "out": str(record), "metrics_port": port, "figures": live}))
        environment["EARLID_LOAD"] = str(settings)
        with _telemetry(otlp, figures):
            code = _run(options, environment)
        if record.exists():
            _report(load_recorded(record), folder, _given(options, "--html"))
    raise SystemExit(code)


def _folder(out: str | None) -> Path | None:
    """The folder for what the run leaves, without what an earlier run left.

    Raises:
        BadFile: it cannot be made.
    """
    if out is None:
        return None
    folder = Path(out).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "load.json").unlink(missing_ok=True)
    except OSError as error:
        raise BadFile(f"--out {out}: {error.strerror or 'cannot be written'}") from None
    return folder


def _report(recorded: Recorded, folder: Path | None, html: str | None) -> None:
    """Our reports beside load.json, and our section in the report that Locust wrote."""
    if folder is not None:
        written = write_reports(recorded, folder)
        sys.stderr.write(f"load: {folder / 'load.json'}, {', '.join(map(str, written))}\n")
    if html is not None and Path(html).is_file():
        page = Path(html).read_text(encoding="utf-8")
        before, end, after = page.rpartition("</body>")
        if end:
            Path(html).write_text(f"{before}{framed_section(recorded)}{end}{after}", encoding="utf-8")


def _port(given: str | None) -> int | None:
    """Raises BadFile: no port."""
    if given is None:
        return None
    if not given.isdigit() or not 0 < int(given) < 65_536:
        raise BadFile(f"--metrics-port {given}: allowed: 1 to 65535")
    return int(given)


def _endpoint(given: str | None) -> str | None:
    """Raises BadFile: no address."""
    if given is None:
        return None
    found = urlsplit(given)
    if found.scheme not in ("http", "https") or not found.hostname or found.username or found.query:
        raise BadFile(f"--otlp {given[:80]}: allowed: http(s)://HOST[:PORT][/PATH], without /v1/metrics")
    return given


@contextmanager
def _telemetry(otlp: str | None, figures: Path) -> Iterator[None]:
    """Send the figures on while the run goes on. What no receiver took is said; the verdict stays what it is."""
    if otlp is None:
        yield
        return
    from scenarios.report.load.telemetry import Sender

    with Sender(otlp, figures) as sender:
        yield
    if sender.failed or not sender.sent:
        sys.stderr.write(f"load: --otlp: figures were sent {sender.sent} times, {sender.failed} times in vain\n")


def _given(options: Sequence[str], name: str) -> str | None:
    """The value of `--name VALUE` or `--name=VALUE`."""
    for at, option in enumerate(options):
        if option.startswith(f"{name}="):
            return option.partition("=")[2]
        if option == name and at + 1 < len(options):
            return options[at + 1]
    return None


def _run(options: Sequence[str], environment: Mapping[str, str]) -> int:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "earlid.locust_main", *options],
        env=environment,
        preexec_fn=die_with_parent if sys.platform == "linux" else None,  # no load without its watch
    )
    return _wait(process)


def _wait(process: "subprocess.Popen[bytes]") -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # Locust has had it too, and stops its users first
            continue
        except SystemExit:
            process.terminate()


def _take(options: list[str], name: str) -> str | None:
    """Take `--name VALUE` or `--name=VALUE` out of the options."""
    for at, option in enumerate(options):
        if option.startswith(f"{name}="):
            del options[at]
            return option.partition("=")[2]
        if option == name:
            if at + 1 == len(options):
                raise BadFile(f"{name}: a file is wanted after it")
            del options[at]
            return options.pop(at)
    return None
