"""Guesses how a word sounds if the aligner's dictionary lacks it: letters to ARPAbet by rough rules.

The aligner needs the right number and kind of sounds. A wrong vowel does not matter.
"""

import re
import unicodedata
from collections.abc import Iterator

_DIGITS = "zero one two three four five six seven eight nine".split()
_PAIRS = {
    "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "ck": "K", "qu": "K W", "ng": "NG", "wh": "W", "kn": "N",
    "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW", "ai": "EY", "ay": "EY", "oa": "OW", "au": "AO",
    "aw": "AO", "ei": "EY", "ie": "IY", "oi": "OY", "oy": "OY", "er": "ER", "ir": "ER", "ur": "ER", "ar": "AA R",
    "or": "AO R", "ll": "L", "ss": "S", "tt": "T", "nn": "N", "mm": "M", "rr": "R", "ff": "F", "pp": "P", "dd": "D",
    "gg": "G", "bb": "B", "zz": "Z", "cc": "K",
}  # fmt: skip
_SINGLES = {
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH", "j": "JH",
    "k": "K", "l": "L", "m": "M", "n": "N", "o": "OW", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T",
    "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip


def sayable(token: str) -> list[str]:
    """A transcript's word as words of plain letters, without accents and signs.

    Digits become one word each. May be empty.
    """
    plain = unicodedata.normalize("NFKD", token.casefold().replace("’", "'"))
    return [word for piece in re.findall(r"[a-z']+|[0-9]", plain) for word in _said(piece)]


def _said(piece: str) -> Iterator[str]:
    if piece.isdigit():
        yield _DIGITS[int(piece)]
    elif word := piece.strip("'"):
        yield word


def phones(word: str) -> str:
    """ARPAbet phones of a word of plain letters, separated by spaces. A silent e at the end is left out."""
    said, at = [], 0
    letters = word.replace("'", "")
    if len(letters) > 3 and letters.endswith("e") and letters[-2] not in "aeiou":
        letters = letters[:-1]
    while at < len(letters):
        pair = letters[at : at + 2]
        said.append(_PAIRS[pair] if pair in _PAIRS else _SINGLES.get(letters[at], "AH"))
        at += 2 if pair in _PAIRS else 1
    return " ".join(said) or "AH"
