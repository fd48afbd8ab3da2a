"""Reads tables in Excel's formats before 2007, row by row. Their numbers are stored as bytes."""

from collections.abc import Iterator
from typing import Any

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.rows import whole

_MOST = 256 * 1024 * 1024
_BEGINS = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")  # the first record, by version


def is_sheets(data: bytes) -> bool:
    """Whether it is the stream of a workbook (BIFF 2 to 8). It may stand in an OLE file or alone."""
    return data.startswith(_BEGINS) and data[2:4] in (b"\x04\x00", b"\x06\x00", b"\x08\x00", b"\x10\x00")


def rows_of_sheets(content: Content) -> Iterator[list[Any]]:
    """The values of every row of every sheet. Whole numbers come without a fraction, because a telephone number is one.

    Raises whatever xlrd raises for a damaged or encrypted file.
    """
    import io

    import xlrd

    book = xlrd.open_workbook(file_contents=content.whole(_MOST), on_demand=True, logfile=io.StringIO())
    for name in book.sheet_names():
        sheet = book.sheet_by_name(name)
        for at in range(sheet.nrows):
            yield [whole(value) for value in sheet.row_values(at)]
