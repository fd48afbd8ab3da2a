"""SECURITY.md: every row of OWASP ASVS 5.0 (levels 1 and 2) is there once, and every test it names exists."""

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text()
# The identifiers of version 5.0.0, level 1 and 2, as OWASP publishes them (CC BY-SA 4.0; no text of it).
ROWS = (Path(__file__).parent / "asvs-5.0.0-l1-l2.txt").read_text().split()
REVIEW = ROOT / "gateway" / "review"
FORBIDDEN = {"pickle", "marshal", "shelve", "subprocess", "xml", "random", "ctypes", "yaml"}
MAY_START_PROCESSES = {"workers.py"}  # its own workers, with the command it was started with


def lines() -> list[tuple[str, str]]:
    """The identifiers of each line of the table, and its proof."""
    found = re.findall(r"^\| (\d[\d., to]*) \| .* \| (.*?) \|$", PAGE, re.MULTILINE)
    return [(ids, proof) for ids, proof in found]


def expanded(ids: str) -> list[str]:
    """`1.2.6 to 1.2.8, 1.3.1`: the known rows it means."""
    named = []
    for part in ids.split(","):
        first, _, last = part.strip().partition(" to ")
        start, end = ROWS.index(first), ROWS.index(last or first)
        named += ROWS[start : end + 1]
    return named


@functools.cache
def functions_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def faults_of(proof: str) -> list[str]:
    """What is wrong with the proof of a row: a named test that does not exist, or neither a test nor a reason."""
    named = re.findall(r"`([^`]+)::([^`]*)`", proof)
    missing = [f"{path}::{name}" for path, name in named if not _exists(path, name)]
    reasoned = re.match(r"(does not apply|not met|not proven): \S+", proof)
    return missing or ([] if named or reasoned else [proof])


def _exists(path: str, name: str) -> bool:
    file = ROOT / "tests" / path
    return file.is_file() and name in functions_in(file)


def test_every_row_stands_there_once() -> None:
    assert len(ROWS) == 253
    assert sorted(row for ids, _ in lines() for row in expanded(ids)) == sorted(ROWS)


def test_every_row_has_a_test_that_exists_or_a_reason() -> None:
    assert len(lines()) > 100
    assert [fault for _, proof in lines() for fault in faults_of(proof)] == []


@pytest.mark.parametrize("proof", ["`test_security.py::test_nothing`", "`nowhere.py::test_x`", "", "does not apply:"])
def test_a_proof_that_is_none_is_seen(proof: str) -> None:
    assert faults_of(proof) != []


def test_the_count_on_the_page_is_the_counted_one() -> None:
    kinds = [re.match(r"does not apply|not met|not proven|", proof)[0] or "tested" for _, proof in lines()]
    rows = dict.fromkeys(("tested", "does not apply", "not met", "not proven"), 0)
    for (ids, _), kind in zip(lines(), kinds, strict=True):
        rows[kind] += len(expanded(ids))
    said = re.search(r"Of 253 rows (\d+) are tested, (\d+) do not apply, (\d+) are not met, (\d+) are not proven", PAGE)
    assert said, rows
    assert [int(number) for number in said.groups()] == list(rows.values())


def test_the_review_tool_runs_no_code_that_it_was_sent() -> None:
    """No evaluation, no unsafe reader, no other process, no guessable random numbers."""
    faults = []
    for path in REVIEW.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                wrong = {name.split(".")[0] for name in names} & FORBIDDEN
                faults += [f"{path.name}: {name}" for name in wrong if path.name not in MAY_START_PROCESSES]
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("eval", "exec", "compile", "os.system"):
                faults.append(f"{path.name}: {ast.unparse(node.func)}")
    assert faults == []


def test_the_script_writes_text_and_keeps_nothing_in_the_browser() -> None:
    script = "".join(path.read_text() for path in (REVIEW / "static").glob("*.js"))
    assert "textContent" in script
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert word not in script, word
    for word in ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "postMessage", "WebSocket"):
        assert word not in script, word
