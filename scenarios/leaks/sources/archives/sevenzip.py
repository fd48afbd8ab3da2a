"""7z and RAR archives -> their members."""

from collections.abc import Iterator
from typing import Any

from scenarios.leaks.sources.reader.content import STEP, Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_MOST = 1024 * 1024 * 1024  # bytes of one 7z archive, opened
_AT_ONCE = 64 * 1024 * 1024  # bytes of members held in memory together


def _read(content: Content) -> Found:
    import py7zr
    from py7zr.io import BytesIOFactory

    with content.open() as file:
        try:
            archive = py7zr.SevenZipFile(file)
        except py7zr.PasswordRequired:
            yield Unread(kind="7z", name="", why="encrypted", detail="its list of members, too")
            return
        with archive:
            if archive.needs_password():
                for each in archive.list():
                    yield Piece(data=b"", name=each.filename)
                yield Unread(kind="7z", name="", why="encrypted")
                return
            files = [each for each in archive.list() if not each.is_directory]
            for group in _groups(files):
                factory = BytesIOFactory(_MOST)
                archive.reset()
                archive.extract(targets=group, factory=factory)
                for name in group:
                    made = factory.products.get(name)
                    yield Piece(data=_of(made) if made else b"", name=name)
            if sum(each.uncompressed or 0 for each in files) > _MOST:
                yield Unread(kind="7z", name="", why="over bounds", detail=f"more than {_MOST:,} bytes")


def _groups(files: list[Any]) -> Iterator[list[str]]:
    """Names of members that are opened together. A solid archive is read anew for each group."""
    group: list[str] = []
    size = total = 0
    for each in files:
        total += each.uncompressed or 0
        if total > _MOST:
            break
        if group and size + each.uncompressed > _AT_ONCE:
            yield group
            group, size = [], 0
        group.append(each.filename)
        size += each.uncompressed or 0
    if group:
        yield group


def _of(made: Any) -> Iterator[bytes]:
    made.seek(0)
    return iter(lambda: bytes(made.read(STEP)), b"")


def _read_rar(content: Content) -> Found:
    """Reads stored members with the library. Compressed ones need the program unrar, unar or 7z on the machine."""
    import rarfile

    with content.as_file() as path:
        try:
            archive = rarfile.RarFile(path)
        except rarfile.Error as error:
            yield Unread(kind="rar", name="", why="damaged", detail=type(error).__name__)
            return
        with archive:
            if archive.needs_password():
                yield Unread(kind="rar", name="", why="encrypted")
            for member in archive.infolist():
                if member.is_dir() or member.needs_password():
                    yield Piece(data=b"", name=member.filename)
                    continue
                try:
                    opened = archive.open(member)
                except rarfile.RarCannotExec:
                    yield Piece(data=b"", name=member.filename)
                    detail = "needs the program unrar, unar or 7z"
                    yield Unread(kind="rar", name=member.filename, why="unknown container", detail=detail)
                    continue
                with opened:
                    yield Piece(data=iter(lambda: opened.read(STEP), b""), name=member.filename)  # noqa: B023


SEVENZIP = Reader(kind="7z", knows=begins(b"7z\xbc\xaf\x27\x1c"), read=_read, needs=("py7zr",), raw=False)
RAR = Reader(kind="rar", knows=begins(b"Rar!\x1a\x07"), read=_read_rar, needs=("rarfile",), raw=False)
