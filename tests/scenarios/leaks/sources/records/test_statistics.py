"""SPSS, Stata, SAS, Excel before 2007, property lists, web archives: numbers and texts, planted by other libraries."""

import gzip
import io
import plistlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.leaks.sources.conftest import EMAIL, FIELDS, NAME, STREET

EXAMPLES = Path(__file__).parent.parent / "examples"
WANTED = FIELDS | {"members.phones"}
PHONE = 12315552226


@pytest.mark.parametrize("file", ["people.dta", "people.sav", "people.zsav", "people.por", "people.xpt", "people.xls"])
def test_rows_of_others(seen: Callable[..., Any], file: str) -> None:
    """The telephone number stands there as a floating-point number. Made by pyreadstat, pandas and xlwt."""
    found = seen((EXAMPLES / file).read_bytes())
    assert (found.fields >= WANTED, found.unread) == (True, [])


def test_a_damaged_table_is_said(seen: Callable[..., Any]) -> None:
    data = (EXAMPLES / "people.sav").read_bytes()
    assert seen(data[: len(data) // 2]).unread == [("spss", "damaged")]


@pytest.mark.parametrize("text", ["", " é"])
def test_a_property_list(seen: Callable[..., Any], text: str) -> None:
    row = {"n": NAME + text, "e": EMAIL, "s": STREET, "p": PHONE}
    found = seen(plistlib.dumps([row, {"n": "nobody"}], fmt=plistlib.FMT_BINARY))
    assert (found.fields >= WANTED, found.unread) == (True, [])
    assert seen(plistlib.dumps([{"n": "nobody", "p": 17}], fmt=plistlib.FMT_BINARY)).fields == set()


def test_an_archived_page(seen: Callable[..., Any]) -> None:
    body = gzip.compress(f"{NAME}, {EMAIL}, {STREET}".encode() * 3)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    record = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer + b"\r\n\r\n"
    made = io.BytesIO()
    for _ in range(2):
        made.write(gzip.compress(record))
    found = seen(made.getvalue())
    assert (found.fields, found.unread) == (FIELDS, [])
    assert seen(record + b"and no record").unread == [("warc", "damaged")]
