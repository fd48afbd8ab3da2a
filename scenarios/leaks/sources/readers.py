"""Every kind of file there is a reader for, in the order in which they are tried. A new kind is one line here."""

from scenarios.leaks.sources.archives.sevenzip import RAR, SEVENZIP
from scenarios.leaks.sources.archives.streams import BROTLI, BZIP2, GZIP, LZ4, LZMA, SNAPPY, XZ, ZLIB, ZSTD
from scenarios.leaks.sources.archives.tar import AR, TAR
from scenarios.leaks.sources.archives.zip import ZIP
from scenarios.leaks.sources.documents.mail import MAIL, MAILBOX
from scenarios.leaks.sources.documents.markup import MARKUP
from scenarios.leaks.sources.documents.ole import OLE
from scenarios.leaks.sources.documents.pdf import PDF
from scenarios.leaks.sources.media.picture import PICTURE
from scenarios.leaks.sources.media.sound import SOUND
from scenarios.leaks.sources.network.har import HAR
from scenarios.leaks.sources.network.packets import PCAP
from scenarios.leaks.sources.network.spoken import HTTP, HTTP2, MQTT, TLS
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Reader
from scenarios.leaks.sources.records.avro import AVRO
from scenarios.leaks.sources.records.columnar import ARROW, FEATHER, ORC, PARQUET
from scenarios.leaks.sources.records.git import GIT_PACK
from scenarios.leaks.sources.records.kafka import KAFKA
from scenarios.leaks.sources.records.pgdump import PGDUMP
from scenarios.leaks.sources.records.python import NUMPY, PICKLE
from scenarios.leaks.sources.records.sqlite import SQLITE
from scenarios.leaks.sources.records.stores import JOURNALD, LEVELDB, REDIS
from scenarios.leaks.sources.records.values import BSON, CBOR, MSGPACK, PROTOBUF

READERS: tuple[Reader, ...] = (
    # marks at the beginning
    ZIP, SEVENZIP, RAR, GZIP, BZIP2, XZ, ZSTD, LZ4, SNAPPY, AR,
    SQLITE, PARQUET, ORC, ARROW, FEATHER, AVRO, PGDUMP, GIT_PACK, NUMPY, REDIS, JOURNALD,
    PDF, OLE, PICTURE, PCAP,
    # no mark at the beginning: told by how they are made
    SOUND, HTTP, HTTP2, MQTT, TLS, MAIL, MAILBOX, MARKUP,
    TAR, HAR, PICKLE, LEVELDB, KAFKA, LZMA, ZLIB, BSON, CBOR, MSGPACK, PROTOBUF, BROTLI,
)  # fmt: skip


def reader_for(content: Content) -> Reader | None:
    """The first that knows the content."""
    return next((reader for reader in READERS if reader.knows(content)), None)
