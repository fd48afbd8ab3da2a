"""Figures of the redaction benches, printed as they come, written to out/bench/redact.json and drawn beside it."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.redact.plots import draw

OUT = Path(__file__).parents[3] / "out" / "bench" / "redact.json"


@pytest.fixture(scope="session")
def figure() -> Iterator[Callable[[str, Any], None]]:
    """`figure(name, value)` keeps one result for the report."""
    kept: dict[str, Any] = {}

    def keep(name: str, value: Any) -> None:
        kept[name] = value
        sys.stderr.write(f"\n  {name}: {json.dumps(value)}")

    yield keep
    OUT.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(OUT.read_text()) if OUT.exists() else {}
    known = before | kept
    OUT.write_text(json.dumps(known, indent=1) + "\n")
    draw(known, OUT.parent)
