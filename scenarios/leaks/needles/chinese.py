"""Writes Chinese in the other script: the short one of the mainland, the full one of Taiwan and Hong Kong.

A short sign may stand for several full ones, and in a name nothing says which: each is given, up to a bound.
"""

import itertools
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_CHINESE = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")
_MOST = 32  # spellings of one text in one direction


def other_script(text: str) -> set[str]:
    """Return the spellings of a text in the script that it is not written in. Japanese and all else gives nothing."""
    if not _CHINESE.search(text) or _KANA.search(text):
        return set()
    found: set[str] = set()
    for direction in ("STCharacters", "TSCharacters"):
        signs = _signs(direction)
        every = itertools.product(*(signs.get(sign, (sign,)) for sign in text))
        found |= {"".join(spelling) for spelling in itertools.islice(every, _MOST)}
    return found - {text}


@cache
def _signs(direction: str) -> Mapping[str, tuple[str, ...]]:
    """Each sign and those that may stand in its place. The tables are OpenCC's."""
    table = files("opencc").joinpath("dictionary", f"{direction}.txt").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if "\t" in line)
    return {sign: tuple(others.split(" ")) for sign, others in rows}
