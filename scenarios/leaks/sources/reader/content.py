"""The bytes of one file, or of one part of another. A reader may read them from the start as often as it likes."""

import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

HEAD = 64 * 1024  # bytes by which a kind is known
IN_MEMORY = 32 * 1024 * 1024  # bytes of a part kept in memory; a longer one goes to a private temporary file
STEP = 1024 * 1024  # bytes read at a time


class TooLong(ValueError):
    """A reader needs the whole content in memory, and it is longer than the bound."""


class Content:
    """A content, made from a path or from bytes that come piece by piece. `head` is its beginning, `size` its length in
    bytes. `path` is set if it is a file of its own.
    """

    def __init__(self, source: Path | Iterable[bytes]) -> None:
        self._data, self._spooled = b"", None
        self.path: Path | None = None
        if isinstance(source, Path):
            self.path = source
            self.size = source.stat().st_size
            with source.open("rb") as file:
                self.head = file.read(HEAD)
        else:
            self._spooled = self._keep(source)
            self.path = Path(self._spooled.name) if self._spooled else None

    def _keep(self, pieces: Iterable[bytes]) -> "IO[bytes] | None":
        kept, spooled, size = io.BytesIO(), None, 0
        for piece in pieces:
            size += len(piece)
            if spooled is None and size > IN_MEMORY:
                spooled = tempfile.NamedTemporaryFile(prefix="earlid-")  # noqa: SIM115 (lives as long as the content)
                spooled.write(kept.getvalue())
            (spooled or kept).write(piece)
        self.size = size
        self._data = b"" if spooled else kept.getvalue()
        if spooled:
            spooled.flush()
            spooled.seek(0)
            self.head = spooled.read(HEAD)
        else:
            self.head = self._data[:HEAD]
        return spooled

    def open(self) -> BinaryIO:
        """A file object at the beginning. The caller closes it."""
        return self.path.open("rb") if self.path else io.BytesIO(self._data)

    def whole(self, limit: int) -> bytes:
        """Every byte.

        Raises:
            TooLong: more than `limit`.
        """
        if self.size > limit:
            raise TooLong(f"longer than {limit:,} bytes")
        with self.open() as file:
            return file.read()

    def pieces(self, step: int = STEP) -> Iterator[bytes]:
        """Every byte, `step` at a time."""
        with self.open() as file:
            while piece := file.read(step):
                yield piece

    @contextmanager
    def as_file(self) -> Iterator[Path]:
        """A path, for libraries that only read files. It is a private temporary file if the content has no path."""
        if self.path:
            yield self.path
            return
        with tempfile.NamedTemporaryFile(prefix="earlid-") as file:
            file.write(self._data)
            file.flush()
            yield Path(file.name)

    def close(self) -> None:
        """Removes the temporary file, if there is one."""
        if self._spooled:
            self._spooled.close()


def window(file: BinaryIO, at: int, size: int) -> Iterator[bytes]:
    """`size` bytes of an open file from `at` on, a step at a time; fewer where it ends. Others may seek meanwhile."""
    while size > 0:
        file.seek(at)
        data = file.read(min(size, STEP))
        if not data:
            return
        at, size = at + len(data), size - len(data)
        yield data
