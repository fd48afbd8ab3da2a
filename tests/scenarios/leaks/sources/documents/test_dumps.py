"""Bytes that programs printed: od's own output, and what xxd, hexdump, tshark and wireshark write."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.leaks.sources.conftest import FIELDS, TEXT

CLEAN = TEXT.replace("Tami Lutz", "Anna Brandt").replace("tami.lutz18", "a.b").replace("7095 Jordan", "12 Other")
OD = {
    "octal words": [], "letters": ["-c"], "bytes": ["-A", "x", "-t", "x1"], "with signs": ["-A", "x", "-t", "x1z"],
    "hex words": ["-A", "x", "-t", "x2"], "words of four": ["-t", "x4"], "words of eight": ["-t", "x8"],
    "bare words of four": ["-A", "n", "-t", "x4"], "bare words of eight": ["-A", "n", "-t", "x8"],
    "bare letters": ["-A", "n", "-c"], "named letters": ["-a"],
}  # fmt: skip
ARRAYS = (
    "xxd -i",
    "bits",
    "four bits",
    "xxd",
    "xxd -e",
    "hexdump -C",
    "k12",
    "curl",
    "gdb",
    "gdb, characters",
    "intel",
    "motorola",
)


def printed(how: list[str], text: str, folder: Path) -> bytes:
    file = folder / "t"
    file.write_text("the lamp of the hall is on\n" * 3 + text)
    return subprocess.run(["od", *how, str(file)], check=True, capture_output=True).stdout


def drawn(how: str, text: str) -> bytes:
    data = ("the lamp of the hall is on\n" * 3 + text).encode()
    size = {"xxd -i": 12, "bits": 6, "four bits": 4, "gdb": 8, "gdb, characters": 8}.get(how, 16)
    rows = [data[at : at + size] for at in range(0, len(data), size)]
    if how == "xxd -i":
        lines = [", ".join(f"0x{code:02x}" for code in row) for row in rows]
        return ("unsigned char t[] = {\n  " + ",\n  ".join(lines) + "\n};\n").encode()
    if how == "k12":
        return ("+---------+\n10:00:00,1   ETHER\n|0   |" + "".join(f"{code:02x}|" for code in data) + "\n").encode()
    lines, at = [], 0
    for row in rows:
        signs = "".join(chr(code) if 32 <= code < 127 else "." for code in row)
        if how.startswith("gdb"):
            shown = (f"{code} '{chr(code)}'" if 31 < code < 127 else f"{code} '\\n'" for code in row)
            lines.append(
                f"0x7ffe{at:04x} <main+{at}>:\t" + "\t".join(shown if "," in how else map("0x{:02x}".format, row))
            )
        elif how == "curl":
            lines.append(f"{at:04x}: {row.hex(' '):<47} {signs}")
        elif how == "intel":
            record = bytes([len(row), at >> 8, at & 255, 0]) + row
            lines.append(":" + record.hex().upper() + f"{-sum(record) & 255:02X}")
        elif how == "motorola":
            record = bytes([len(row) + 3, at >> 8, at & 255]) + row
            lines.append("S1" + record.hex().upper() + f"{~sum(record) & 255:02X}")
        elif how == "xxd -e":
            words = " ".join(row[place : place + 4][::-1].hex().rjust(8) for place in range(0, len(row), 4))
            lines.append(f"{at:08x}: {words:<36}  {signs}")
        elif how.endswith("bits"):
            lines.append(f"{at:08x}: {' '.join(f'{code:08b}' for code in row):<53}  {signs}")
        elif how == "xxd":
            words = " ".join(row[place : place + 2].hex() for place in range(0, len(row), 2))
            lines.append(f"{at:08x}: {words:<39}  {signs}")
        else:
            lines.append(f"{at:08x}  {row[:8].hex(' ')}  {row[8:].hex(' ')}".ljust(60) + f"|{signs}|")
        at += len(row)
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("how", OD)
def test_what_od_prints_is_read(seen: Callable[..., Any], how: str, tmp_path: Path) -> None:
    assert seen(printed(OD[how], TEXT, tmp_path)).fields >= FIELDS
    clean = seen(printed(OD[how], CLEAN, tmp_path))
    assert (clean.fields, clean.unread) == (set(), [])


@pytest.mark.parametrize("how", ARRAYS)
def test_what_other_programs_print_is_read(seen: Callable[..., Any], how: str) -> None:
    assert seen(drawn(how, TEXT)).fields >= FIELDS
    clean = seen(drawn(how, CLEAN))
    assert (clean.fields, clean.unread) == (set(), [])


def test_a_table_of_numbers_is_no_dump(seen: Callable[..., Any]) -> None:
    table = "".join(f"{at:04d}  {at * 7 % 100:02d} {at * 3 % 100:02d} of {at}\n" for at in range(100)).encode()
    assert not any("dump" in how for how in seen(table + TEXT.encode()).how)
