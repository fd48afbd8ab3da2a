"""A content is read from the start as often as one likes, in memory or from a private file."""

import pytest

from scenarios.leaks.sources.reader import content as content_module
from scenarios.leaks.sources.reader.content import Content, TooLong
from scenarios.leaks.sources.reader.rows import pieces_of_rows


@pytest.mark.parametrize("in_memory", [4, 1_000])
def test_pieces_are_kept_wherever_they_are(monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr(content_module, "IN_MEMORY", in_memory)
    content = Content((b"abc", b"def"))
    assert (content.size, content.head) == (6, b"abcdef")
    assert content.whole(6) == b"".join(content.pieces(2)) == b"abcdef"
    with content.as_file() as path:
        assert path.read_bytes() == b"abcdef"
    with pytest.raises(TooLong):
        content.whole(5)
    content.close()


def test_rows_become_lines_and_bytes_become_parts() -> None:
    text, small, long = pieces_of_rows([{"a": 1, "b": b"\xff\xfe\xfd\xfc", "c": b"\xff" * 600, "d": {"e": [b"text"]}}])
    assert text.data == b'{"a":1,"b":null,"c":null,"d":{"e":["text"]}}'
    assert small.data == b"\xff\xfe\xfd\xfc"
    assert (long.data, long.final) == (b"\xff" * 600, False)
