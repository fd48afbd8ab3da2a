"""Mutation testing: breaks the product in small ways, one at a time, and tells which breaks no test notices.

    python -m tests.mutation [PACKAGE ...] [--minutes N]

For each package it copies the files that git tracks into out/mutants/PACKAGE, lets mutmut change the package there and
run the package's tests against each change, prints the figures, and writes the changes that survived to
out/mutants/PACKAGE.txt. A package is stopped after N minutes (20 unless told); what was not tried by then is counted
as not tried. Quick mutants come first, so a package that was stopped says little about its slow tests.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
OUT = ROOT / "out" / "mutants"
MUTMUT = Path(sys.executable).parent / "mutmut"
# A mutant of these is looked at. mutmut calls one that no test reached "no tests".
LEFT = ("survived", "no tests", "suspicious")


class Package(NamedTuple):
    """What is changed, as patterns whose * crosses folders, and the tests that should notice."""

    changed: str
    tests: tuple[str, ...]


PACKAGES = {
    "contract": Package("gateway/contract/*.py", ("tests/gateway/contract",)),
    "gate": Package("gateway/gate/*.py", ("tests/gateway/gate",)),
    "redact": Package("gateway/redact/*.py", ("tests/gateway/redact",)),
    "checks": Package("scenarios/checks/*.py", ("tests/scenarios/checks",)),
    "match": Package("scenarios/leaks/match/*.py", ("tests/scenarios/leaks/match", "tests/scenarios/leaks/needles")),
    "decode": Package("scenarios/leaks/decode/*.py", ("tests/scenarios/leaks/decode",)),
}
# forkserver: the parent runs no test, so that a fork inherits no thread of a library.
SETTINGS = """

[tool.mutmut]
source_paths = ["gateway", "scenarios", "simulator", "loadtests"]
only_mutate = {changed}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-p", "no:xdist", "-p", "no:cacheprovider", "-m", "not slow and not soak and not bench"]
process_isolation = "forkserver"
timeout_multiplier = 3.0
track_dependencies = false
use_git_change_detection = false
"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Break the product in small ways and name what no test notices.")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"of: {', '.join(PACKAGES)} (all)")
    parser.add_argument("--minutes", type=float, default=20, help="stop each package after so many (20)")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.packages if name not in PACKAGES]
    if unknown:
        parser.error(f"{unknown[0]}: no such package; allowed: {', '.join(PACKAGES)}")
    for name in asked.packages or PACKAGES:
        print(judged(name, PACKAGES[name], asked.minutes * 60), flush=True)  # noqa: T201 (a command)


def judged(name: str, package: Package, seconds: float) -> str:
    """Run one package; its figures in one line."""
    folder = OUT / name
    copied(folder)
    with (folder / "pyproject.toml").open("a") as settings:
        settings.write(SETTINGS.format(changed=json.dumps([package.changed]), tests=json.dumps(package.tests)))
    with (OUT / f"{name}.log").open("w") as log:
        process = subprocess.Popen([MUTMUT, "run"], cwd=folder, stdout=log, stderr=log, start_new_session=True)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # each result is on the disk already
            code = process.wait()
    figures = mutmut(folder, "export-cicd-stats") and folder / "mutants" / "mutmut-cicd-stats.json"
    if not figures or not figures.exists():
        return f"{name}: mutmut ended with exit code {code}; see {OUT / name}.log"
    counts = json.loads(figures.read_text())
    (OUT / f"{name}.txt").write_text("\n".join(survivors(folder)))
    noticed = counts["killed"] + counts["timeout"]
    tried = noticed + counts["survived"] + counts["no_tests"] + counts["suspicious"]
    share = f"{noticed / tried:.1%}" if tried else "none"
    return (
        f"{name}: {noticed} of {tried} mutants noticed ({share}), {counts['total'] - tried} not tried; {OUT / name}.txt"
    )


def copied(folder: Path) -> None:
    """The files that git tracks, as they are now."""
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)


def survivors(folder: Path) -> list[str]:
    """Each change that no test noticed, as a diff."""
    lines = [line.strip().rsplit(": ", 1) for line in mutmut(folder, "results").splitlines() if ": " in line]
    return [mutmut(folder, "show", name) for name, status in lines if status in LEFT]


def mutmut(folder: Path, *arguments: str) -> str:
    run = subprocess.run([MUTMUT, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return run.stdout or run.stderr or " "


if __name__ == "__main__":
    main()
