"""Every kind of file there is a reader for, in the order in which they are tried. A new kind is one line here."""

from scenarios.leaks.sources.archives.appended import APPENDED
from scenarios.leaks.sources.archives.blocks import (
    IWORK,
    LZ4_BLOCK,
    LZ4_LEGACY,
    LZ4_MOZILLA,
    LZ4_SIZED,
    SNAPPY_BLOCK,
    SNAPPY_HADOOP,
    SNAPPY_JAVA,
)
from scenarios.leaks.sources.archives.gzipped import GZIP
from scenarios.leaks.sources.archives.lzip import LZIP
from scenarios.leaks.sources.archives.sevenzip import RAR, SEVENZIP
from scenarios.leaks.sources.archives.streams import BROTLI, BZIP2, LZ4, LZMA, SNAPPY, XZ, ZLIB, ZSTD
from scenarios.leaks.sources.archives.systems.cabinet import CABINET
from scenarios.leaks.sources.archives.systems.cpio import CPIO, RPM
from scenarios.leaks.sources.archives.systems.disc import DISC
from scenarios.leaks.sources.archives.tar import AR, TAR
from scenarios.leaks.sources.archives.zip import ZIP
from scenarios.leaks.sources.documents.certificates import PEM
from scenarios.leaks.sources.documents.dumps import DUMP
from scenarios.leaks.sources.documents.folded import FOLDED
from scenarios.leaks.sources.documents.mail import MAIL, MAILBOX
from scenarios.leaks.sources.documents.markup import MARKUP
from scenarios.leaks.sources.documents.ole import OLE
from scenarios.leaks.sources.documents.pdf import PDF
from scenarios.leaks.sources.documents.postscript import POSTSCRIPT
from scenarios.leaks.sources.documents.rtf import RTF
from scenarios.leaks.sources.documents.subtitles import SUBTITLES
from scenarios.leaks.sources.documents.transcripts import TRANSCRIPT
from scenarios.leaks.sources.media.picture import PICTURE
from scenarios.leaks.sources.media.sound import SOUND
from scenarios.leaks.sources.network.har import HAR
from scenarios.leaks.sources.network.packets import PCAP
from scenarios.leaks.sources.network.spoken import HTTP, HTTP2, MQTT, TLS
from scenarios.leaks.sources.network.warc import WARC
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Reader, Unread
from scenarios.leaks.sources.records.avro import AVRO
from scenarios.leaks.sources.records.columnar import ARROW, FEATHER, ORC, PARQUET
from scenarios.leaks.sources.records.git import GIT_PACK
from scenarios.leaks.sources.records.hdf5 import HDF5
from scenarios.leaks.sources.records.kafka import KAFKA
from scenarios.leaks.sources.records.matlab import MATLAB
from scenarios.leaks.sources.records.pgdump import PGDUMP
from scenarios.leaks.sources.records.plists import PLIST
from scenarios.leaks.sources.records.python import NUMPY, PICKLE
from scenarios.leaks.sources.records.rocksdb import DATABASE_LOG, ROCKSDB
from scenarios.leaks.sources.records.sqlite import SQLITE
from scenarios.leaks.sources.records.statistics import SAS, SAS_TRANSPORT, SPSS, SPSS_PORTABLE, STATA
from scenarios.leaks.sources.records.stores import JOURNALD, LEVELDB, REDIS
from scenarios.leaks.sources.records.values import BSON, CBOR, MSGPACK, PROTOBUF

READERS: tuple[Reader, ...] = (
    # marks at the beginning
    ZIP, SEVENZIP, RAR, CPIO, RPM, CABINET, DISC,
    GZIP, BZIP2, XZ, LZIP, ZSTD, LZ4, LZ4_MOZILLA, LZ4_LEGACY, SNAPPY, SNAPPY_JAVA, AR,
    SQLITE, PARQUET, ORC, ARROW, FEATHER, AVRO, PGDUMP, GIT_PACK, NUMPY, REDIS, JOURNALD,
    STATA, SPSS, SPSS_PORTABLE, SAS, SAS_TRANSPORT, PLIST, HDF5, MATLAB,
    PDF, OLE, RTF, POSTSCRIPT, PICTURE, PCAP, WARC, APPENDED,
    # no mark at the beginning: told by how they are made
    SOUND, HTTP, HTTP2, MQTT, TLS, MAIL, MAILBOX, FOLDED, SUBTITLES, DUMP, TRANSCRIPT, PEM, MARKUP,
    TAR, HAR, PICKLE, LEVELDB, ROCKSDB, DATABASE_LOG, KAFKA, LZMA, ZLIB,
    SNAPPY_HADOOP, IWORK, SNAPPY_BLOCK, LZ4_SIZED, BSON, CBOR, MSGPACK, PROTOBUF,
    BROTLI, LZ4_BLOCK,
)  # fmt: skip


def reader_for(content: Content) -> tuple[Reader | None, list[Unread]]:
    """The first reader that knows the content, and an Unread for each that failed to tell."""
    failed: list[Unread] = []
    for reader in READERS:
        try:
            if reader.knows(content):
                return reader, failed
        except Exception as error:  # whatever bytes do to one reader, the others still look
            failed.append(
                Unread(kind=reader.kind, name="", why="damaged", detail=f"{type(error).__name__}; not read as that")
            )
    return None, failed
