"""The page "Your own gateway in 30 minutes", done as it says: its gateway, its target file, its commands."""

import os
import re
import subprocess
import sys
from pathlib import Path

from scenarios.kept.needs import NEEDS, table
from scenarios.model.expectation import CHECK_NAMES
from scenarios.run.broker import free_port
from scenarios.run.processes import Processes

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "scenarios" / "docs" / "your-own-gateway.md").read_text(encoding="utf-8")
BROKER = ROOT / "tests" / "broken" / "open_broker.py"


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[number]


def test_the_table_of_needs_is_the_programs_own() -> None:
    assert table() in PAGE


def test_the_pages_gateway_is_driven_and_judged(tmp_path: Path) -> None:
    path = Path(sys.executable).parent
    (tmp_path / "mine.py").write_text(block("python"))
    (tmp_path / "target.yaml").write_text(block("yaml"))

    def run(command: str) -> subprocess.CompletedProcess[str]:
        words = command.replace("\\\n", " ").split()
        return subprocess.run(
            [path / words[0], *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=280
        )

    with Processes(tmp_path / "logs") as processes:
        port = free_port()
        processes.start("broker", [sys.executable, str(BROKER), str(port)], ready="broker ready")
        processes.start("mine", ["sh", "-c", f"cd {tmp_path} && exec {sys.executable} mine.py {port}"], ready="ready")
        made = run("earlid simulate identities --out identities.json --with-secrets --households 6")
        assert made.returncode == 0, made.stderr
        spoken = run(block("sh").replace("1883", str(port)))
        assert spoken.returncode == 0, spoken.stdout + spoken.stderr
    verdict = run(block("sh", 1))
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    for name in ("leaks", "should_not_exist", "spoken_secrets", "gating"):
        assert re.search(rf"fail\s+{name}", verdict.stdout), verdict.stdout
    assert "unknown conservation" not in verdict.stdout
    assert (tmp_path / "out" / "judge" / "report.html").exists()


def test_the_pages_one_command_does_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(block("python"))
    (tmp_path / "system.yaml").write_text(block("yaml", 2))
    (tmp_path / "evening.yaml").write_text(block("yaml", 3))
    command = block("sh", 2).split()
    done = subprocess.run(
        [Path(sys.executable).parent / command[0], *command[1:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        env={**os.environ, "COLUMNS": "120"},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    for name in ("leaks", "should_not_exist", "spoken_secrets", "gating"):
        assert re.search(rf"fail\s+{name}", done.stdout), done.stdout
    assert (tmp_path / "out" / "run" / "evening" / "report.html").exists()


def test_every_check_of_a_scenario_has_a_line_in_the_table() -> None:
    assert {need.check for need in NEEDS} == set(CHECK_NAMES)
