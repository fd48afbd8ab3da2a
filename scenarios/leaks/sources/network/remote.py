"""Finds the files at or below an address that fsspec knows: s3://, gs://, az:// and others."""

from collections.abc import Callable, Iterator
from typing import Any

from gateway.files import BadFile, reason_of
from scenarios.leaks.sources.reader.content import STEP, Content
from scenarios.leaks.sources.reader.reader import Unread


def is_remote(target: str) -> bool:
    """Whether it is an address of a file system that fsspec has a name for."""
    scheme, mark, _ = target.partition("://")
    if not mark or not scheme:
        return False
    try:
        from fsspec.registry import known_implementations
    except ImportError:
        return scheme in ("s3", "gs", "gcs", "az", "abfs", "ftp", "sftp")
    return scheme in known_implementations


def remote_files(url: str, masked: Callable[[str], str]) -> Iterator[tuple[str, Content] | Unread]:
    """(masked name, content) of every file, in the order of their names. Each is read when its turn comes.

    Raises:
        BadFile: the library for it is missing, or nothing answers there.
    """
    name = masked(without_user(url))
    try:
        import fsspec

        system, path = fsspec.core.url_to_fs(url)
        files = sorted(system.find(path)) if system.isdir(path) else [path] if system.exists(path) else []
    except ImportError as error:
        raise BadFile(f"{name}: {error.name or 'a library'} is missing; install earlid[cloud]") from None
    except Exception as error:  # every file system has its own
        raise BadFile(f"{name}: does not answer ({reason_of(error)})") from None
    if not files:
        raise BadFile(f"{name}: no such file or folder")
    scheme = url.partition("://")[0]
    for file in files:
        shown = masked(f"{scheme}://{file.lstrip('/') if scheme != 'file' else file}")
        try:
            content = Content(_pieces(system, file))
        except Exception as error:
            yield Unread(kind="file", name=shown, why="unreadable", detail=reason_of(error))
            continue
        try:
            yield shown, content
        finally:
            content.close()


def _pieces(system: Any, file: str) -> Iterator[bytes]:
    with system.open(file, "rb") as opened:
        yield from iter(lambda: opened.read(STEP), b"")


def without_user(url: str) -> str:
    """The address without a user's name and password."""
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"
