"""Figures of the redaction benches, printed as they come and written to out/bench/redact.json."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

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
    OUT.write_text(json.dumps(before | kept, indent=1) + "\n")
