"""Finds the regular files at or below a path. Anything else is noted and not followed."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from scenarios.leaks.sources.reader.reader import Unread

_SORTS = (
    (stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"), (stat.S_ISBLK, "device"), (stat.S_ISCHR, "device"),
)  # fmt: skip


def files_below(path: Path, masked: Callable[[str], str]) -> Iterator[Path | Unread]:
    """Files in the order of their names. A link to a file that is searched anyway gets no note."""
    if not path.is_dir():
        yield _sort_of(path, masked) or path
        return
    errors: list[OSError] = []
    root = path.resolve()
    for folder, folders, names in os.walk(path, onerror=errors.append):
        folders.sort()
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in sorted((*names, *links)):
            file = Path(folder, name)
            if file.is_symlink():
                if not _searched_anyway(file, root):
                    yield Unread(kind="link", name=masked(str(file)), why="not followed")
            else:
                yield _sort_of(file, masked) or file
        while errors:
            error = errors.pop()
            yield Unread(
                kind="folder", name=masked(str(error.filename)), why="unreadable", detail=error.strerror or "no access"
            )
    for error in errors:
        yield Unread(
            kind="folder", name=masked(str(error.filename)), why="unreadable", detail=error.strerror or "no access"
        )


def _searched_anyway(link: Path, root: Path) -> bool:
    try:
        end = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return end.is_relative_to(root) and (end.is_file() or end.is_dir())


def _sort_of(file: Path, masked: Callable[[str], str]) -> Unread | None:
    """What it is, if it is no regular file. Reading such a thing might never end."""
    try:
        mode = file.stat().st_mode
    except OSError as error:
        return Unread(kind="file", name=masked(str(file)), why="unreadable", detail=error.strerror or "no access")
    sort = next((name for test, name in _SORTS if test(mode)), None)
    if sort is None:
        return None
    detail = "a stream is read as standard input: earlid scan -" if sort == "pipe" else ""
    return Unread(kind=sort, name=masked(str(file)), why="no regular file", detail=detail)
