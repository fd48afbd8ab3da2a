"""Where a benchmark's figures go: printed as they come, and kept in out/bench/<part>.json."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Note = Callable[..., None]


@contextmanager
def noting(part: str) -> Iterator[Note]:
    """Yields `note(name, figure=..., ...)`. What another run wrote stays: one file run alone loses nothing."""
    figures: dict[str, dict[str, Any]] = {}

    def note(name: str, **values: Any) -> None:
        figures[name] = values
        print(f"\n{name}: " + ", ".join(f"{key} {value}" for key, value in values.items()))  # noqa: T201

    yield note
    path = Path("out/bench") / f"{part}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(before | figures, indent=1) + "\n")
