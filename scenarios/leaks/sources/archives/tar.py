"""Tar archives and Unix ar archives (Debian packages) -> their members, read once from front to back."""

import tarfile
from typing import BinaryIO

from scenarios.leaks.sources.reader.content import STEP, Content, window
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_AR_HEADER = 60


def _is_tar(content: Content) -> bool:
    """The mark of POSIX and GNU, or a header whose checksum is right."""
    if content.head.startswith(b"ustar", 257):
        return True
    if len(content.head) < 512 or not content.head[0]:
        return False
    try:
        return bool(tarfile.TarInfo.frombuf(content.head[:512], "utf-8", "replace").name)
    except tarfile.TarError:
        return False


def _read(content: Content) -> Found:
    with content.open() as file:
        try:
            with tarfile.open(fileobj=file, mode="r:", errors="replace") as archive:
                for member in archive:
                    yield from _member(archive, member, file)
                    archive.members = []  # type: ignore[attr-defined]  # a million members need no memory
                end = archive.offset
        except tarfile.TarError as error:
            yield Unread(kind="tar", name="", why="damaged", detail=f"{type(error).__name__}; read up to there")
            return
        if end > content.size:
            yield Unread(kind="tar", name="", why="damaged", detail="the file ends within a member; read up to there")
            return
        file.seek(end)
        trailing = (data for data in iter(lambda: file.read(STEP), b"") if data.strip(b"\x00"))
        yield Piece(data=trailing, label="behind its members", final=True)


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo, file: BinaryIO) -> Found:
    told = "\n".join(
        filter(None, (member.linkname, member.uname, member.gname, *map(str, member.pax_headers.values())))
    )
    if told:
        yield Piece(data=told.encode("utf-8", "replace"), name=member.name, final=True)
    whole = member.isreg() and not member.issparse()
    opened = None if whole else archive.extractfile(member) if member.isreg() else None
    if opened:
        yield Piece(data=iter(lambda: opened.read(STEP), b""), name=member.name)
    else:
        data = window(file, member.offset_data, member.size) if whole else b""
        yield Piece(data=data, name=member.name)


def _read_ar(content: Content) -> Found:
    with content.open() as file:
        file.seek(8)
        while len(header := file.read(_AR_HEADER)) == _AR_HEADER:
            size = header[48:58].strip()
            if header[58:60] != b"`\n" or not size.isdigit():
                yield Unread(kind="ar", name="", why="damaged", detail="read up to there")
                return
            name = header[:16].decode("utf-8", "replace").strip().rstrip("/")
            begin = file.tell()
            yield Piece(data=window(file, begin, int(size)), name=name)
            file.seek(begin + int(size) + (int(size) & 1))


TAR = Reader(kind="tar", knows=_is_tar, read=_read, raw=False)
AR = Reader(kind="ar", knows=begins(b"!<arch>\n"), read=_read_ar, raw=False)
