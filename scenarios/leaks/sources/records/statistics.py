"""Files of SPSS, Stata and SAS -> their rows as JSON lines, labels and notes beside them."""

from collections.abc import Callable, Iterator
from typing import Any

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, begins
from scenarios.leaks.sources.reader.rows import pieces_of_rows, whole

_ROWS = 10_000  # held at a time
_SAS = bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")  # at byte 12
_XPORT = b"HEADER RECORD*******LIB"
_STATA_VERSIONS = frozenset({105, 108, 110, 111, 112, 113, 114, 115})


def _is_stata(content: Content) -> bool:
    """Whether it has the tag of later versions. Older ones begin with a version, a byte order, a type of file and a
    zero.
    """
    head = content.head
    old = len(head) > 109 and head[0] in _STATA_VERSIONS and head[1] in (1, 2) and head[2] == 1 and head[3] == 0
    return head.startswith(b"<stata_dta>") or old


def _is_portable(content: Content) -> bool:
    """Whether it is SPSS' portable format: "ASCII SPSS PORT FILE" in its head, and a mark behind its table of
    characters.
    """
    return b"SPSSPORT" in content.head[:512].replace(b"\r", b"").replace(b"\n", b"")


def _reading(function: str) -> Callable[[Content], Found]:
    def read(content: Content) -> Found:
        import pyreadstat

        with content.as_file() as path:
            opened = getattr(pyreadstat, function)
            _, meta = opened(str(path), metadataonly=True, output_format="dict")
            yield Piece(data="\n".join(_told(meta)).encode("utf-8", "replace"), label="labels", final=True)
            yield from pieces_of_rows(_rows(opened, str(path)))

    return read


def _rows(opened: Callable[..., Any], path: str) -> Iterator[dict[str, Any]]:
    at, count = 0, _ROWS
    while count == _ROWS:
        columns, _ = opened(
            path, row_offset=at, row_limit=_ROWS, output_format="dict", disable_datetime_conversion=True
        )
        count = len(next(iter(columns.values()), ()))
        for row in zip(*columns.values(), strict=True):
            yield dict(zip(columns, map(_whole, row), strict=True))
        at += count


def _whole(value: Any) -> Any:
    return whole(value.item() if hasattr(value, "item") else value)  # numpy's numbers have it


def _told(meta: Any) -> Iterator[str]:
    yield str(meta.file_label or "")
    yield from map(str, meta.notes or ())
    yield from (str(label) for label in meta.column_names_to_labels.values() if label)
    for labels in meta.variable_value_labels.values():
        yield from map(str, labels.values())


STATA = Reader(kind="stata", knows=_is_stata, read=_reading("read_dta"), needs=("pyreadstat",))
SPSS = Reader(kind="spss", knows=begins(b"$FL2", b"$FL3"), read=_reading("read_sav"), needs=("pyreadstat",))
SPSS_PORTABLE = Reader(kind="spss-portable", knows=_is_portable, read=_reading("read_por"), needs=("pyreadstat",))
SAS = Reader(kind="sas", knows=begins(_SAS, at=12), read=_reading("read_sas7bdat"), needs=("pyreadstat",))
SAS_TRANSPORT = Reader(kind="sas-transport", knows=begins(_XPORT), read=_reading("read_xport"), needs=("pyreadstat",))
