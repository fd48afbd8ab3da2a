"""A program with an archive behind it -> the archive: installers that unpack themselves, AppImages."""

import mmap
import zlib
from collections.abc import Callable, Iterator, Mapping

from scenarios.leaks.sources.reader.content import STEP, Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader

_PROGRAMS = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!")
_HEADER = 96  # bytes of an archive that tell whether one begins there


def _is_7z(head: bytes) -> bool:
    """7zFormat.txt: version, then a checksum of the next twenty bytes."""
    return head[6] == 0 and int.from_bytes(head[8:12], "little") == zlib.crc32(head[12:32])


def _is_rar(head: bytes) -> bool:
    """RAR 5 has a checksum and a size of the first block; before it was a block of type 0x73 and thirteen bytes."""
    if head[6:8] == b"\x01\x00":
        size = head[12]
        return 0 < size < 64 and int.from_bytes(head[8:12], "little") == zlib.crc32(head[12 : 13 + size])
    return head[6] == 0 and head[9] == 0x73 and head[12:14] == b"\x0d\x00"


def _is_squashfs(head: bytes) -> bool:
    return head[28:32] == b"\x04\x00\x00\x00"


_ARCHIVES: Mapping[bytes, Callable[[bytes], bool]] = {
    b"7z\xbc\xaf\x27\x1c": _is_7z,
    b"Rar!\x1a\x07": _is_rar,
    b"hsqs": _is_squashfs,
}


def _begin(content: Content) -> int | None:
    """Return where the first archive begins; programs that read archives hold their marks, too."""
    with (
        content.as_file() as path,
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        return min((at for mark, tells in _ARCHIVES.items() for at in _places(data, mark, tells)), default=None)


def _places(data: mmap.mmap, mark: bytes, tells: Callable[[bytes], bool]) -> Iterator[int]:
    at = data.find(mark, 4)
    while at >= 0:
        head = data[at : at + _HEADER]
        if len(head) == _HEADER and tells(head):
            yield at
            return
        at = data.find(mark, at + 1)


def _knows(content: Content) -> bool:
    return content.head.startswith(_PROGRAMS) and _begin(content) is not None


def _read(content: Content) -> Found:
    begin = _begin(content)
    with content.open() as file:
        file.seek(begin or 0)
        yield Piece(data=iter(lambda: file.read(STEP), b""), label="behind the program")


APPENDED = Reader(kind="program", knows=_knows, read=_read)
