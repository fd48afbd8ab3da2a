"""Tables for narrow screens. Each cell carries the heading of its column, which CSS shows there."""

import html
import re

_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_HEAD = re.compile(r"<thead>.*?</thead>", re.DOTALL)
_COLUMN = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<(td|th)\b(?P<empty>[^>]*></td>)?")
_TAG = re.compile(r"<[^>]+>")


def labelled(page: str) -> str:
    """The page with `data-label` on every cell that holds something, of each table that has a head."""
    return _TABLE.sub(lambda found: _table(found[0]), page)


def _table(table: str) -> str:
    head = _HEAD.search(table)
    if head is None:
        return table
    names = [html.escape(_TAG.sub("", name).strip()) for name in _COLUMN.findall(head[0])]
    rest = table[head.end() :]
    return table[: head.end()] + _ROW.sub(lambda row: _row(row[0], names), rest)


def _row(row: str, names: list[str]) -> str:
    at = -1

    def cell(found: re.Match[str]) -> str:
        nonlocal at
        at += 1
        labels = at < len(names) and found["empty"] is None
        return f'{found[0]} data-label="{names[at]}"' if labels else found[0]

    return _CELL.sub(cell, row)
