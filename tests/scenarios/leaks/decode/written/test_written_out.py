"""What programs, shells, directories and people write instead of plain bytes: read, and nothing is made of others."""

import base64
import json
import re
import shlex
import subprocess

import pytest

from scenarios.leaks.decode.layers import Limits, decode
from scenarios.leaks.decode.signals import signals
from tests.scenarios.leaks.decode.test_kinds import PLAIN

MAIL = "thessaly.m4@example.net"
LISTS = {
    "PowerShell": "+".join(f"[char]{ord(c)}" for c in PLAIN),
    "PowerShell, hex": "+".join(f"[char]0x{ord(c):02x}" for c in PLAIN),
    "Rust": ", ".join(f"{ord(c)}u8" for c in PLAIN),
    "C#": ", ".join(f"(byte){ord(c)}" for c in PLAIN),
    "assembler": "db " + ", ".join(f"0{ord(c):02X}h" for c in PLAIN),
    "assembler, dollars": "dc.b " + ",".join(f"${ord(c):02X}" for c in PLAIN),
    "carets": "^".join(f"{ord(c):02x}" for c in PLAIN),
    "bars": "|".join(f"{ord(c):02X}" for c in PLAIN),
    "gdb": "\t".join(f"{ord(c)} {c!r}" for c in PLAIN),
    "C characters": ", ".join(repr(c) for c in PLAIN),
    "JSON characters": json.dumps(list(PLAIN)),
    "seven bits": " ".join(f"{ord(c):07b}" for c in PLAIN),
    "octal list": " ".join(f"{ord(c):03o}" for c in PLAIN),
    "short octal": "".join(f"\\{ord(c):o}" for c in PLAIN),
    "printf octal": "".join(f"\\0{ord(c):o}" for c in PLAIN),
}
SHELL = subprocess.run(["bash", "-c", "printf %q '(503) 555-0142'"], check=True, capture_output=True, text=True).stdout
ESCAPED = {
    "regular expression": (re.escape("call (503) 555-0142 now"), "(503) 555-0142"),
    "shell": (SHELL, "(503) 555-0142"),
    "Markdown": (r"call \(503\) 555\-0142", "(503) 555-0142"),
    "directory": (r"CN=Siobh\C3\A1n O'Hanrahan,OU=x", "Siobhán"),
    "spreadsheet": ("<t>Rosal_x0069_nd Qu_x0069_ntero</t>", "Rosalind Quintero"),
    "PowerShell's XML": ("<S>Rosalind_x0020_Quintero_x000D__x000A_</S>", "Rosalind Quintero"),
}  # fmt: skip
ADDRESSES = (
    "thessaly.m4 [at] example [dot] net",
    "thessaly.m4(at)example.net",
    "thessaly.m4 AT example DOT net",
    "thessaly.m4{at}example{dot}net",
    "thessaly_dot_m4_at_example_dot_net",
    "thessaly.m4@NOSPAM.example.net",
    "thessaly.m4@example.net.nospam",
    "thessaly.m4@(work)example.net",
    "thessaly.m4 at example[.]net",
)


def _texts(text: str) -> list[str]:
    assert signals().present(text.encode()) == signals(plain=True).present(text.encode())
    return [layer.text for layer in decode(text.encode(), Limits()).layers[1:]]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("around", ["{}", "x = [{}];\n", "one line\n{}\nthe next, 12 of 14\n"])
def test_bytes_listed_one_by_one_are_read(name: str, around: str) -> None:
    assert any(PLAIN in text for text in _texts(around.format(LISTS[name])))


@pytest.mark.parametrize("name", ESCAPED)
def test_what_stands_before_a_sign_is_taken_away(name: str) -> None:
    written, value = ESCAPED[name]
    assert any(value in text for text in _texts(written))


@pytest.mark.parametrize("written", ADDRESSES)
def test_an_address_written_for_people_is_read(written: str) -> None:
    assert any(MAIL in text for text in _texts(f"write to {written} or call"))


@pytest.mark.parametrize("charset", ["cp437", "cp850", "mac_roman"])
def test_letters_of_an_old_machine_are_repaired(charset: str) -> None:
    name = "Siobhán Brückner"
    assert any(name in text for text in _texts(f"caller {name.encode().decode(charset)} rang"))


def test_a_value_cut_by_a_runtime_is_joined() -> None:
    kubernetes = "2026-11-29T10:00:00Z stdout P caller Rosalind Qui\n2026-11-29T10:00:01Z stdout F ntero rang\n"
    rows = [{"log": "caller Rosalind Qui", "stream": "stdout"}, {"log": "ntero rang\n", "stream": "stdout"}]
    for written in (
        kubernetes,
        "\n".join(map(json.dumps, rows)),
        "\n".join(json.dumps(row, separators=(",", ":")) for row in rows),
    ):
        assert any("Rosalind Quintero" in text for text in _texts(written))


@pytest.mark.parametrize(
    "strings", ["'Rosalind ' + 'Quin' + 'tero'", '"Rosalind "\n    + "Quintero"', "'Rosalind ' || 'Quintero'"]
)
def test_strings_that_end_in_a_blank_are_put_together(strings: str) -> None:
    assert any("Rosalind Quintero" in text for text in _texts(f"x = {strings};"))


@pytest.mark.parametrize(
    "plain",
    [
        "12, 13, 14, 15, 16, 17, 18, 19, 20", "10:20:30:40:50:60:70:80:90", "11|12|13|14|15|16|17|18|19|20",
        "a\\1b\\2c", "look at example two dot dot", "x_x0020 y", "2026-11-29 stdout F whole", "├── src",
        "1010101 1010101", "content: 'plain'", "\\(oqquoted\\(cq", "<~ no codes here, only words ~>", "concat(a, b)",
    ],
)  # fmt: skip
def test_ordinary_text_is_none_of_these(plain: str) -> None:
    steps = {step for layer in decode(plain.encode(), Limits(), short=0).layers for step in layer.how}
    assert steps.isdisjoint({"codes", "escapes", "mailbox", "mojibake", "continued"})


def test_a_shell_reads_its_own_words_back() -> None:
    assert shlex.split(SHELL) == ["(503) 555-0142"]


@pytest.mark.parametrize("written", ["J\\(:urgen Wei\\(ssm\\(:uller", "J\\[:u]rgen Wei\\[ss]m\\[u00FC]ller"])
def test_letters_of_a_manual_page_are_read(written: str) -> None:
    assert any("Jürgen Weißmüller" in text for text in _texts(f".SH AUTHOR\n\\(oqby {written}\\(cq\n"))


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_few_escapes_in_what_a_style_sheet_writes_are_read(quote: str) -> None:
    sheet = f".a::before{{content:{quote}J\\fc rgen Wei\\0000DFm\\fc ller{quote}}}"
    assert any("Jürgen Weißmüller" in text for text in _texts(sheet))


@pytest.mark.parametrize(
    "call",
    [
        "SELECT CONCAT('Rosalind ', 'Quin', 'tero')",
        '"Rosalind ".concat("Quin", "tero")',
        "concat('Rosalind Qui',\n  'ntero')",
    ],
)
def test_strings_that_a_call_puts_together_are_joined(call: str) -> None:
    assert any("Rosalind Quintero" in text for text in _texts(call))


@pytest.mark.parametrize("width", [0, 13, 40])
def test_ascii85_of_postscript_is_read_over_the_ends_of_lines(width: int) -> None:
    text = f"the parcel for Rosalind Quintero is here, write to {MAIL} about it"
    written = base64.a85encode(text.encode(), adobe=True, wrapcol=width).decode()
    assert any(MAIL in found for found in _texts(f"%!PS\n{written}\nshowpage"))
