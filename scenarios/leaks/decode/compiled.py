"""Compiles expressions into a Hyperscan database and keeps it in the user's cache folder.

Compiling takes longer than most searches. The expressions are this package's own, so the file holds nothing of a
user's. A damaged file, or one of another machine, is compiled anew.
"""

import contextlib
import hashlib
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.files import write_private
from scenarios.leaks.decode.kernels.loading import cache_folder
from scenarios.leaks.needles.literals import hyperscan


def compiled(expressions: Sequence[str], flags: Sequence[int]) -> Any:
    """Return the database of these expressions. It is read from the cache if it is there and written to it if not."""
    path = _path(repr((list(expressions), list(flags))))
    if path is not None and (found := _loaded(path)) is not None:
        return found
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    encoded = [expression.encode() for expression in expressions]
    database.compile(expressions=encoded, ids=list(range(len(encoded))), flags=list(flags))
    if path is not None:
        # A full disk or a read-only home costs the time to compile, nothing else.
        with contextlib.suppress(OSError):
            write_private(path, bytes(hyperscan.dumpb(database)))
    return database


def _path(content: str) -> Path | None:
    """Return the database's file in the cache folder, or None if the folder is open to anybody else."""
    machine = (hyperscan.__version__, platform.machine(), platform.processor(), platform.node())
    folder = cache_folder()
    if folder is None:
        return None
    return folder / f"{hashlib.sha256(f'{machine} {content}'.encode()).hexdigest()}.hs"


def _loaded(path: Path) -> Any:
    try:
        database = hyperscan.loadb(path.read_bytes(), hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        database.scan(b"", match_event_handler=lambda *_match: None)
    except (OSError, hyperscan.error, TypeError, ValueError):
        return None
    return database
