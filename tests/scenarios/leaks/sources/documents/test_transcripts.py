"""Transcripts that write a word a line: what is said over several lines is found."""

import json
from collections.abc import Callable
from typing import Any

import pytest

SAID = "so this is tami lutz calling"


def ctm(words: list[str]) -> str:
    return ";; a comment\n" + "".join(f"call1 A {at}.20 0.31 {word} 0.98\n" for at, word in enumerate(words))


def text_grid(words: list[str]) -> str:
    head = 'File type = "ooTextFile"\nObject class = "TextGrid"\n'
    return head + "".join(
        f'    intervals [{at + 1}]:\n        xmin = {at}\n        xmax = {at + 1}\n        text = "{word}"\n'
        for at, word in enumerate(words)
    )


def labels(words: list[str]) -> str:
    return "".join(f"{at}.000000\t{at}.400000\t{word}\n" for at, word in enumerate(words))


def lyrics(words: list[str]) -> str:
    return "[ti:call]\n" + "".join(f"[00:{at:02}.00]{word}\n" for at, word in enumerate(words))


def terminal(words: list[str]) -> str:
    keys = "".join(json.dumps([at / 10, "o", key]) + "\n" for at, key in enumerate(" ".join(words)))
    return '{"version": 2, "width": 80, "height": 24}\n' + keys


@pytest.mark.parametrize("write", [ctm, text_grid, labels, lyrics, terminal])
def test_a_name_over_several_lines_is_found(seen: Callable[..., Any], write: Callable[[list[str]], str]) -> None:
    assert "members.name" in seen(write(SAID.split()).encode()).fields
    assert not seen(write(SAID.replace("lutz", "lund").split()).encode()).fields - {"members.given_name"}


def test_other_columns_are_no_transcript(seen: Callable[..., Any]) -> None:
    told = seen(b"a 1 2.0 3.0 x\nnobody is here\nb 1 2.0 3.0 y\n")
    assert "transcript" not in told.how
