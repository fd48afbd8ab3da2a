"""`earlid locust`: Locust with the leak watch on, for a locustfile that knows nothing of it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from gateway.files import BadFile
from scenarios.leaks.searchable import load_searchable
from scenarios.run.processes import die_with_parent

USAGE = """\
Usage: earlid locust --identities FILE [--spool FILE] -f LOCUSTFILE [locust's own options]

  Run your own, unchanged locustfile; every response (status, headers, body) is searched for the
  identities in FILE, by processes of their own beside the load. Planted leaks go through the same
  pipeline to prove that it sees. A request's context may say whose data the user may see:
  self.client.get("/me", context={"may_see": ["H01"]}).

  --identities FILE  identities.json: who must not be found (`earlid schema identities`)
  --spool FILE       keep one JSON line a response here (never a body); default: thrown away

  Everything else is Locust's: --headless --host URL --users N --run-time 1m --processes 2 ...

  Exit 1 when an identity was found, 3 when something was not searched or a planted leak was missed,
  otherwise Locust's own exit code.

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
    if identities is None:
        raise BadFile("--identities FILE: wanted; who must not be found (see `earlid locust --help`)")
    load_searchable(Path(identities))  # refuse a wrong file before Locust starts
    environment = {**os.environ, "EARLID_IDENTITIES": str(Path(identities).absolute())}
    if spool is not None:
        environment["EARLID_SPOOL"] = str(Path(spool).absolute())
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "earlid.locust_main", *options],
        env=environment,
        preexec_fn=die_with_parent if sys.platform == "linux" else None,  # no load without its watch
    )
    raise SystemExit(_wait(process))


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
