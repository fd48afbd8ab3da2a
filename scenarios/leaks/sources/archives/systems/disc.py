"""Images of discs (ISO 9660 with Joliet, Rock Ridge or UDF) -> their files, by pycdlib."""

from collections.abc import Iterator
from typing import Any

from scenarios.leaks.sources.reader.content import STEP, Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, begins


def _read(content: Content) -> Found:
    import pycdlib

    image = pycdlib.PyCdlib()
    with content.open() as file:
        image.open_fp(file)
        try:
            # Each writes its names in its own way; all name the same files.
            way = "udf_path" if image.has_udf() else "rr_path" if image.has_rock_ridge() else "iso_path"
            way = "joliet_path" if image.has_joliet() and way == "iso_path" else way
            for folder, _, names in image.walk(**{way: "/"}):
                for name in names:
                    yield _file(image, way, f"{folder.rstrip('/')}/{name}")
        finally:
            image.close()


def _file(image: Any, way: str, path: str) -> Piece:
    def pieces() -> Iterator[bytes]:
        with image.open_file_from_iso(**{way: path}) as held:
            yield from iter(lambda: held.read(STEP), b"")

    return Piece(data=pieces(), name=path.lstrip("/"))


DISC = Reader(kind="iso", knows=begins(b"CD001", at=0x8001), read=_read, needs=("pycdlib",))
