"""What a YAML file may get wrong, and where each of it is said to stand."""

from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios.model.yaml_file import read_document


def told(folder: Path, data: bytes) -> str:
    path = folder / "a.yaml"
    path.write_bytes(data)
    with pytest.raises(BadFile) as caught:
        read_document(path)
    return str(caught.value).removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("a: 1\n".encode("utf-16"), "1:1: UTF-16 or UTF-32 text; save the file as UTF-8"),
        ("a: 1\n".encode("utf-16-be"), "1:1: UTF-16 or UTF-32 text; save the file as UTF-8"),
        ("a: 1\n".encode("utf-32"), "1:1: UTF-16 or UTF-32 text; save the file as UTF-8"),
        (b"a: 1\nb: caf\xe9\n", "2:7: byte 0xe9: not UTF-8 text"),
        (b"a: 1\nb: x\x00y\n", "2:5: U+0000: a character that no YAML text may hold"),
        (b'a: 1\nb: "x\nc: 2\n', "2:4: a quotation mark opens a text here that is never closed"),
        (b"a: [1\n", "1:4: [ is opened here and never closed"),
        (b"a: !mine 1\n", "1:4: a: !mine: a tag; plain texts, numbers, lists and mappings are read"),
        (b"a: !!python/object/apply:os.system [id]\n", "1:4: a: !!python/object/apply:os.system: a tag; plain"),
        (
            b"a: &a [x,x,x,x,x,x,x,x,x]\n"
            + b"".join(b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(8)),
            "1:1: has more than 200,000 values",
        ),
        (b"a: &a {b: *a}\n", "1:1: is nested too deeply"),
        (b"a: 1\n---\na: 2\n", "2:1: a second document begins here; a file has one"),
        (b"a: 1\na: 2\n", "2:1: a: stands twice; first in line 1"),
    ],
)
def test_the_fault_and_its_place(tmp_path: Path, data: bytes, says: str) -> None:
    assert told(tmp_path, data).startswith(says)


def test_what_is_left_empty_stands_where_its_key_does(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\nb:\nc: ''\n")
    document = read_document(path)
    assert (document.place(("b",)).line, document.place(("c",)).line) == (2, 3)


def test_other_line_ends_marks_and_anchors_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    for text in ("\ufeffa: no\r\nb: 010\r\n", "---\ra: no\rb: 010\r", "a: &n no\nb: 10\n...\n", '{"a": "no", "b": 10}'):
        path.write_bytes(text.encode())
        assert read_document(path).data == {"a": "no", "b": 10}
