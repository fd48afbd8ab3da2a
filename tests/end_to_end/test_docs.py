"""Every console line of the documentation runs as printed, in one folder a page, with the exit code it states."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.runs import end_left_over

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"\s+# exit (\d)$")
OWN = [page for page in ROOT.rglob("*.md") if not {".venv", "out"} & set(page.relative_to(ROOT).parts)]
PAGES = [page for page in OWN if "$ " in page.read_text(encoding="utf-8")]


def lines_of(page: str) -> list[tuple[str, int]]:
    """(command, wanted exit code) of every line that begins with `$ `."""
    lines = [line[2:] for block in _BLOCK.findall(page) for line in block.splitlines() if line.startswith("$ ")]
    return [(_EXIT.sub("", line), int(m[1]) if (m := _EXIT.search(line)) else 0) for line in lines]


@pytest.mark.parametrize("page", PAGES, ids=[str(path.relative_to(ROOT)) for path in PAGES])
def test_every_line_runs_as_printed(page: Path, tmp_path: Path) -> None:
    lines = lines_of(page.read_text(encoding="utf-8"))
    assert lines, "a page with a $ but without a console block"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    try:
        for command, wanted in lines:
            run = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env={**os.environ, "PATH": path, "EARLID_TEST_RUN": str(tmp_path)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=280,
                check=False,
            )
            assert run.returncode == wanted, f"$ {command}\n{run.stdout[-2000:]}{run.stderr[-2000:]}"
    finally:
        end_left_over(str(tmp_path))  # a page that failed did not come to the line that ends its server


def test_links_between_pages_lead_somewhere() -> None:
    dead = []
    for page in OWN:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                dead.append(f"{page.relative_to(ROOT)} -> {target}")
    assert dead == []
