"""Finds the tokens of a text: runs of base64's symbols, the alphabets of hex, base32 and base58 among them."""

import re
from collections.abc import Iterable

import numpy as np

from scenarios.leaks.decode.expressions import B32_OF_DIGITS
from scenarios.leaks.decode.runs import BULK, Mask, Runs, distinct, members_of, runs_of, words_in

SHORTEST = 8  # symbols of a token
_SYMBOLS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_TOKEN = members_of(_SYMBOLS + b"=")
_TOKENS = re.compile(rb"[A-Za-z0-9+/_=-]{8,}")
_PLAIN = re.compile(rb"[A-Z]?[a-z_-]{0,15}|[0-9_-]{0,15}|(?:[A-Z]?[a-z]{1,15}[/_-]){1,8}(?:[A-Z]?[a-z]{0,15})")
_WORD_SIZE = 15  # letters of a word in `_PLAIN`, without its capital
_VISIBLE = ~members_of(b" \t\n\r\v\f")
_SMALL = members_of(b"abcdefghijklmnopqrstuvwxyz_-")
_B32_FIRST, _B32_THIRD = (np.frombuffer(symbols, np.uint8) for symbols in (b"gh", b"yz234"))
_B32_NUMBER = re.compile(B32_OF_DIGITS.encode())


def dense(data: bytes) -> bytes:
    """Return a long text without what no token can be: short words, blanks, and what stood before. A short one as it
    is.
    """
    return data if len(data) < BULK else b"\n".join(distinct(data, _VISIBLE, SHORTEST))


def tokens_of(data: bytes, tried: set[bytes], reading: bytes) -> list[bytes]:
    """Return the runs of base64's symbols that are no plain words or numbers, each once.

    `reading` tells noise from text in `tried`: a token of noise is read once more when it stands in a text.
    """
    found = []
    for word in _words(data):
        if reading + word in tried:
            continue
        for token in word.strip(b"=").split(b"=") if b"=" in word else (word,):
            is_plain = _PLAIN.fullmatch(token) and not _B32_NUMBER.match(token)
            if (len(token) >= SHORTEST or word.endswith(b"=")) and not is_plain:
                found.append(token)
        tried.add(reading + word)
    return found


def _words(data: bytes) -> Iterable[bytes]:
    """Return the runs of base64's symbols, each once. Of a long text the plainest words are left out."""
    if len(data) < BULK:
        return dict.fromkeys(_TOKENS.findall(data))
    runs = runs_of(data, _TOKEN, SHORTEST)
    return words_in(data, runs, ~_plain_words(runs))


def _plain_words(runs: Runs) -> Mask:
    """Mark the runs that are words by their letters alone. A run that could be digits in base32 is not marked."""
    codes, starts, sizes = runs.codes, runs.starts, runs.ends - runs.starts
    if not len(starts):
        return np.zeros(0, np.bool_)
    capital = (codes[starts] >= ord("A")) & (codes[starts] <= ord("Z"))
    others = np.concatenate([[0], np.cumsum(~_SMALL[codes])])
    small = others[runs.ends] - others[starts + 1] == 0
    digits = np.isin(codes[starts], _B32_FIRST) & np.isin(codes[starts + 2], _B32_THIRD)
    return np.asarray(small & (_SMALL[codes[starts]] | capital) & (sizes <= _WORD_SIZE + capital) & ~digits, np.bool_)
