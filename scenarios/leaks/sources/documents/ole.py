"""Outlook messages and Office files before 2007 (OLE compound files) -> their streams, texts as UTF-8."""

from scenarios.leaks.sources.documents.sheets import is_sheets, rows_of_sheets
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins
from scenarios.leaks.sources.reader.rows import pieces_of_rows

_MOST = 512 * 1024 * 1024
_WIDE_TEXT = "001F"  # the type of a property that is text in UTF-16 (MS-OXMSG 2.1.3)


def _read(content: Content) -> Found:
    import olefile

    with content.open() as file, olefile.OleFileIO(file) as opened:
        for path in opened.listdir(streams=True, storages=False):
            name = "/".join(path)
            if path[-1] == "EncryptedPackage":
                yield Unread(kind="ole", name=name, why="encrypted")
                continue
            if opened.get_size(path) > _MOST:
                yield Unread(kind="ole", name=name, why="over bounds")
                continue
            data = opened.openstream(path).read()
            if path[-1].startswith("__substg1.0_") and path[-1].endswith(_WIDE_TEXT):
                yield Piece(data=data.decode("utf-16-le", "replace").encode("utf-8", "replace"), name=name, final=True)
            else:
                yield Piece(data=data, name=name)
                if is_sheets(data):
                    yield from pieces_of_rows(rows_of_sheets(content), name)


OLE = Reader(kind="ole", knows=begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), read=_read, needs=("olefile", "xlrd"))
