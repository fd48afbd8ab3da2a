"""Every kind of file there is a reader for, in the order in which they are tried. A new kind is one line here."""

from scenarios.leaks.sources.archives.sevenzip import RAR, SEVENZIP
from scenarios.leaks.sources.archives.streams import BROTLI, BZIP2, GZIP, LZ4, LZMA, SNAPPY, XZ, ZLIB, ZSTD
from scenarios.leaks.sources.archives.tar import AR, TAR
from scenarios.leaks.sources.archives.zip import ZIP
from scenarios.leaks.sources.network.har import HAR
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Reader
from scenarios.leaks.sources.records.sqlite import SQLITE

READERS: tuple[Reader, ...] = (
    # marks at the beginning
    ZIP, SEVENZIP, RAR, GZIP, BZIP2, XZ, ZSTD, LZ4, SNAPPY, AR,
    SQLITE,
    # no mark: told by how they are made
    TAR, HAR, LZMA, ZLIB, BROTLI,
)  # fmt: skip


def reader_for(content: Content) -> Reader | None:
    """The first that knows the content."""
    return next((reader for reader in READERS if reader.knows(content)), None)
