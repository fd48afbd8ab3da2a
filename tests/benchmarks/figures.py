"""Where a benchmark's figures go: printed as they come, and kept in out/bench/<part>.json."""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Note = Callable[..., None]


@contextmanager
def noting(part: str) -> Iterator[Note]:
    """Yields `note(name, figure=..., ...)`. What another run or another worker wrote stays: one file run alone loses
    nothing; a run cut short leaves what it had."""
    path = Path("out/bench") / f"{part}.json"
    path.parent.mkdir(parents=True, exist_ok=True)

    def note(name: str, **values: Any) -> None:
        with locked(path):
            figures: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
            figures[name] = values
            path.write_text(json.dumps(figures, indent=1) + "\n")
        print(f"\n{name}: " + ", ".join(f"{key} {value}" for key, value in values.items()))  # noqa: T201

    yield note


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one process at a time is inside, for this path. It leaves a file `.<name>.lock` beside it."""
    with (path.parent / f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
