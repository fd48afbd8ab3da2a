"""Transcripts that write a word a line: what is said over several lines is found."""

import json
from collections.abc import Callable
from typing import Any

import pytest

SAID = "so this is tami lutz calling"


def ctm(words: list[str]) -> str:
    return ";; a comment\n" + "".join(f"call1 A {at}.20 0.31 {word} 0.98\n" for at, word in enumerate(words))


def short_ctm(words: list[str]) -> str:
    return "".join(f"call1 A {at}.2 .31 {word}\n" for at, word in enumerate(words))


def tagged(words: list[str]) -> str:
    return "-DOCSTART- -X- O\n" + "".join(f"{word} NNP {'B-PER' if at else 'O'}\n" for at, word in enumerate(words))


def numbered(words: list[str]) -> str:
    return "".join(f"{at + 1}\t{word}\tNNP\tO\n" for at, word in enumerate(words))


def universal(words: list[str]) -> str:
    rows = (f"{at + 1}\t{word}\t{word}\tPROPN\t_\t_\t0\troot\t_\t_\n" for at, word in enumerate(words))
    return "# text = ...\n" + "".join(rows)


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


@pytest.mark.parametrize("write", [ctm, short_ctm, tagged, numbered, universal, text_grid, labels, lyrics, terminal])
def test_a_name_over_several_lines_is_found(seen: Callable[..., Any], write: Callable[[list[str]], str]) -> None:
    assert "members.name" in seen(write(SAID.split()).encode()).fields
    assert not seen(write(SAID.replace("lutz", "lund").split()).encode()).fields - {"members.given_name"}


def test_other_columns_are_no_transcript(seen: Callable[..., Any]) -> None:
    told = seen(b"a 1 2.0 3.0 x\nnobody is here\nb 1 2.0 3.0 y\n")
    assert "transcript" not in told.how
