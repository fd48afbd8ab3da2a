"""Normalises texts, and searches for many literals at once (Hyperscan, or plain Python without it)."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, Protocol

import numpy as np

from scenarios.leaks.needles.table import WIDTH, ByteTable

_BULK = 16_384  # bytes from which numpy is quicker than split and join
_SPACE = 32
_MANY = 20_000  # keys from which a table is made instead of an automaton
_LONGEST = 1_000  # bytes; Hyperscan takes no expression of 16,000

hyperscan: Any
try:
    import hyperscan
except ImportError:  # no wheel for this machine: slower, same answers
    hyperscan = None

# Letters NFKD does not take apart, as people without that key type them.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
    # Letters that Arabic keyboards exchange, and the line that stretches a word.
    | {"\u0640": "", "\u0649": "\u064a", "\u06cc": "\u064a", "\u0629": "\u0647", "\u06a9": "\u0643"}
)
_LETTERS_AND_DIGITS = bytes(c if chr(c).isalnum() and c < 128 else 32 for c in range(256)).lower()
_LETTERS_AND_DIGITS_OR_BEYOND = bytes(c if c >= 128 else _LETTERS_AND_DIGITS[c] for c in range(256))
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_NEITHER = re.compile(r"[\W_]+")
# Scripts that are written without spaces; Latin letters among them are words of their own.
_ASIAN = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u1100-\u11ff]"
_UNSPACED = re.compile(_ASIAN)
_BORDER = re.compile(f"(?<={_ASIAN})(?=[a-z])|(?<=[a-z])(?={_ASIAN})")
# Letters of other scripts that look like Latin ones (Unicode TS 39), after case folding.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d\u0433\u043a\u043c\u043d\u0442\u0432\u04bb"
    "\u03b1\u03bf\u03c1\u03b9\u03ba\u03bd\u03c5\u03c7\u03c4\u03b7\u03b5\u03b2\u03b6\u0261\u0251\u028f\u1d0f",
    "aeopcyxijsdqwrkmhtbhaopikvuxtnebzgayo",
) | str.maketrans(  # small capitals
    "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d18\ua7af\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u1d22",
    "abcdefghijklmnpqrstuvwz",
)
# Up to three separators between digits; commas, colons and brackets end a number, so lists of numbers stay apart.
_NUMBER = re.compile(r"[0-9](?:[^\w,;:\"'{}\[\]<>&=|\r\n]{0,3}[0-9]){6,}")
_GROUP = re.compile(r"[0-9]+")


def fold(text: str) -> str:
    """Remove case, width, diacritics and invisible characters, and write the digits of any script as 0 to 9."""
    if text.isascii():
        return text.lower()
    return _BEYOND_ASCII.sub(lambda run: _fold_run(run[0]), text).lower()


@lru_cache(maxsize=4096)
def _fold_run(run: str) -> str:
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", run).casefold())
    return "".join([_plain(char) for char in spread]).translate(_PLAIN).translate(_LOOKALIKES)


def _plain(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Mn", "Cf", "Me"):
        return ""
    return str(unicodedata.decimal(char)) if category == "Nd" else char


def spaced(folded: str) -> bytes:
    """Return the letters and digits of a folded text in UTF-8, with one space in place of everything between them."""
    if folded.isascii():
        return _single_spaces(folded.encode().translate(_LETTERS_AND_DIGITS))
    if _UNSPACED.search(folded):
        folded = _BORDER.sub(" ", folded)
    if len(folded) < _BULK:
        return _NEITHER.sub(" ", folded).strip().encode("utf-8", "replace")
    letters = _BEYOND_ASCII.sub(_only_letters, folded).encode("utf-8", "replace")
    return _single_spaces(letters.translate(_LETTERS_AND_DIGITS_OR_BEYOND))


def _only_letters(run: re.Match[str]) -> str:
    return _NEITHER.sub(" ", run[0])


def _single_spaces(data: bytes) -> bytes:
    """Replace runs of spaces by one space and drop those at the ends. Long texts are handled in bulk."""
    if len(data) < _BULK:
        return b" ".join(data.split())
    codes = np.frombuffer(data, np.uint8)
    blank = codes == _SPACE
    doubled = blank[1:] & blank[:-1]
    if not doubled.any():
        return data.strip()
    kept = np.concatenate([[True], ~doubled])
    return bytes(codes[kept].tobytes()).strip()


@lru_cache(maxsize=4096)
def words_of(text: str) -> str:
    """Return the words view of a text: `spaced` of `fold`. Loading asks several times for each name and street."""
    return spaced(fold(text)).decode()


def digits_of(text: str) -> str:
    return "".join(_GROUP.findall(fold(text)))


def numbers_in(folded: str, lengths: frozenset[int]) -> Iterator[str]:
    """Yield numbers of the wanted lengths whose first and last digit begin and end a group of digits. Separators are
    skipped.

    "+1 (415) 555-0123" gives 14155550123 and 4155550123. A number inside a longer one gives nothing. A country code
    that is glued to the national number is found as E.164.
    """
    wanted = sorted(lengths)
    for candidate in _NUMBER.finditer(folded):
        groups = _GROUP.findall(candidate.group())
        digits = "".join(groups)
        edges = [0, *accumulate(map(len, groups))]
        ends = frozenset(edges)
        for start in edges[:-1]:
            # What is dialled before a number: 0 within a country, 00 out of most.
            for dialled in ("", "0", "00"):
                if digits.startswith(dialled, start):
                    begin = start + len(dialled)
                    yield from (digits[begin : begin + size] for size in wanted if begin + size in ends)


class Literals(Protocol):
    """Searches for many keys at once."""

    def search(self, data: bytes) -> Sequence[tuple[str, int, int]]:
        """Yield (key, start, end) of every occurrence in UTF-8 text, overlaps included. Positions are in bytes."""
        ...


class PlainLiterals:
    """Searches for one key after the other with `find`."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [(key, key.encode()) for key in keys]

    def search(self, data: bytes) -> Sequence[tuple[str, int, int]]:
        found = []
        for key, wanted in self._keys:
            at = data.find(wanted)
            while at >= 0:
                found.append((key, at, at + len(wanted)))
                at = data.find(wanted, at + 1)
        return found


class HyperscanLiterals:
    """Searches for all keys in one pass. Long keys are found by their beginning and then compared. An instance must not
    be used by two threads at once.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = list(keys)
        self._encoded = [key.encode() for key in keys]
        self._sizes = [min(len(key), _LONGEST) for key in self._encoded]
        self._database: Any = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        begins = [key[:_LONGEST] for key in self._encoded]
        self._database.compile(expressions=begins, ids=list(range(len(keys))), flags=0, literal=True)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_database": hyperscan.dumpb(self._database)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Raises hyperscan.error: the database is of another processor or version."""
        database = hyperscan.loadb(state["_database"], hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        self.__dict__.update({**state, "_database": database})

    def search(self, data: bytes) -> Sequence[tuple[str, int, int]]:
        ends: list[tuple[int, int]] = []
        self._database.scan(data, match_event_handler=lambda i, _s, end, _f, _c: ends.append((i, end)))
        found = []
        for i, end in ends:
            start, key = end - self._sizes[i], self._encoded[i]
            if len(key) <= _LONGEST or data.startswith(key, start):
                found.append((self._keys[i], start, start + len(key)))
        return found


class TableLiterals:
    """Searches for very many keys by a table of their first bytes. Keys shorter than those are searched for by
    Hyperscan.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        long = [key for key in keys if _is_long(key)]
        self._table = ByteTable(long, words=all(key.startswith(" ") for key in long))
        self._short = literals([key for key in keys if not _is_long(key)])

    def search(self, data: bytes) -> Sequence[tuple[str, int, int]]:
        hits = ((self._table.key(at), start) for at, start in self._table.search(data))
        found = [(key.decode(), start, start + len(key)) for key, start in hits]
        return [*self._short.search(data), *found]


def _is_long(key: str) -> bool:
    """Return whether a key has enough bytes for the table."""
    return len(key) >= WIDTH or (not key.isascii() and len(key.encode()) >= WIDTH)


def literals(keys: Sequence[str], *, plain: bool = False) -> Literals:
    """Return the fastest search for these keys on this machine. `plain` asks for plain Python."""
    if plain or hyperscan is None or not keys:
        return PlainLiterals(keys)
    if len(keys) > _MANY:
        return TableLiterals(keys)
    return HyperscanLiterals(keys)


def outermost(matches: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Return the matches that lie within no longer one. A name inside its own e-mail address is one leak, not two."""
    kept: list[tuple[str, int, int]] = []
    for key, start, end in sorted(set(matches), key=lambda match: (match[1], -match[2])):
        if not kept or end > kept[-1][2] or (start, end) == kept[-1][1:]:
            kept.append((key, start, end))
    return kept


def group_by_key(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return grouped
