"""Finds what Ascii85, base85 (RFC 1924) and Z85 hide in a text, at any place and any offset.

Five symbols stand for four bytes, the most significant first. A text does not say that it uses one of these alphabets,
and JSON is full of their symbols. So every group of five symbols is decoded in bulk (numpy). A run is read further only
where two groups in a row could be text.
"""

import re
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from scenarios.leaks.decode.groups import GROUP, Survey, beginnings, heads, is_texty
from scenarios.leaks.decode.kernels.loading import kernels
from scenarios.leaks.decode.packed.marks import begins_marked, plausible
from scenarios.leaks.decode.packed.readable import is_wide
from scenarios.leaks.decode.packed.unmarked import opens
from scenarios.leaks.decode.runs import (
    BULK,
    HEAD,
    Bytes,
    Mask,
    Numbers,
    could_open,
    ends_itself,
    members_of,
    reaches_the_end,
    runs_of,
    words_in,
)

_PREFIX = 8  # groups given up at the end before a run is
_TRIES = 16  # beginnings of one run
_MAX_SYMBOLS = 200_000  # of one run; longer ones are read up to there
_ORDINARY = re.compile(rb"[A-Z]?[a-z]+(?:[-_][A-Za-z]+)*[!?;]?|[0-9_-]+")
# "next=", a quote and a tag's end are of the same alphabets.
_ASSIGNED = re.compile(rb"[A-Za-z_-]=(?=[^=])|(?:\A|(?<=\n))[\"'(\[]|>")
_QUERY = re.compile(rb"[?&;\"'<]")
_CUTS = 4  # at either end
_NAME = 40  # symbols
_MAX_CLOSED = 8_192  # symbols of a run without a mark
_LIMIT = 1 << 32
# Words between signs; and long runs of base64, which base85 hardly ever looks like.
_OTHER = re.compile(rb"[\"'\[{(<]*(?:[A-Za-z]?[a-z_-]*|[A-Za-z0-9+/=_-]{40,})[\"'\]})>:,;.\\]*")
_IDS = b'0123456789abcdef",:-'  # a run of these is an id, a time or a list of numbers
_MANY = 40  # symbols from which numpy is quicker
_POWERS = np.array([85**power for power in (4, 3, 2, 1, 0)], np.uint64)
_HALF = np.uint32(16)  # bits
_SIGNS = members_of(b"=>\"'([")  # something may begin behind them


class Alphabet:
    """One of the alphabets. `symbols` are in the order of their values, 0 to 84."""

    def __init__(self, symbols: str) -> None:
        self._values = np.zeros(256, np.uint32)
        self._values[np.frombuffer(symbols.encode(), np.uint8)] = np.arange(85)
        self._members = np.zeros(256, np.bool_)
        self._members[np.frombuffer(symbols.encode() + b"z", np.uint8)] = True
        self._of = {symbol: at for at, symbol in enumerate(symbols.encode())}
        self._zeros = symbols[0].encode() * GROUP if "z" not in symbols else None
        self._name = symbols[:20].encode() + b"\0"
        kinds = b"".join(re.escape(symbol.encode()) for symbol in symbols)
        self._tail = re.compile(b"[" + kinds + b"]{0,4}")
        self._run = re.compile(b"[" + kinds + b"z]{10,}")

    def pieces(self, text: bytes, tried: set[bytes] | None = None) -> Iterator[bytes]:
        """Yield the decoded pieces that read as text or open as something packed: the longest of each run.

        Runs that stand in `tried` are skipped. The runs that are read here are added to it.
        """
        tried = set() if tried is None else tried
        runs = [
            run
            for run in self._runs(text)
            if self._name + run not in tried and len(run.translate(None, _IDS)) > 1 and not _OTHER.fullmatch(run)
        ]
        if not runs:
            return
        tried.update(self._name + run for run in runs)
        joined = b"\n".join(runs)
        seen = self._survey(np.frombuffer(joined + b"\n" * (HEAD + GROUP), np.uint8))
        for run in self._packed(runs, joined, seen):
            piece = self._bytes(run[:_MAX_SYMBOLS])
            if opens(piece) or is_wide(piece) or begins_marked(piece):
                yield piece
        yield from self._readable(joined, seen)

    def _runs(self, text: bytes) -> Iterable[bytes]:
        """Return the runs that are worth a look, each once: all runs of a short text where nothing is compiled."""
        if len(text) < BULK and kernels(0) is None:
            return dict.fromkeys(self._run.findall(text))
        return self._likely(text)

    def _likely(self, text: bytes) -> Iterable[bytes]:
        """Return the runs, each once, in which something may begin. Of a long text, most give nothing."""
        found = runs_of(text, self._members, 2 * GROUP)
        if not len(found.starts):
            return ()
        if fast := kernels(len(text)):
            hit = fast.likely_85(*found, self._values, self._members, _SIGNS, _MARKED)
            return words_in(text, found, hit)
        groups, valid = self._groups(found.codes)
        places = np.concatenate([found.starts, np.flatnonzero(_SIGNS[found.codes[:-1]]) + 1])
        owners = np.searchsorted(found.starts, places, "right") - 1
        sizes = found.ends[owners] - places
        near = (owners >= 0) & (sizes > 0) & (places - found.starts[owners] <= _NAME) & (sizes <= _MAX_CLOSED)
        near[near] = valid[places[near]] & could_open(heads(groups, places[near]), sizes[near] * 4 // 5)
        hit = np.zeros(len(found.starts), np.bool_)
        hit[owners[near]] = True
        anywhere = [beginnings(groups, valid & is_texty(groups)), np.flatnonzero(_MARKED[groups >> _HALF] & valid)]
        hit[np.searchsorted(found.starts, np.concatenate(anywhere), "right") - 1] = True
        return words_in(text, found, hit)

    def _survey(self, codes: Bytes) -> Survey:
        if fast := kernels(len(codes)):
            return Survey(codes, *fast.survey_85(codes, self._values, self._members, _MARKED))
        groups, valid = self._groups(codes)
        texty = valid & is_texty(groups)
        marks = np.flatnonzero(_MARKED[groups >> _HALF] & valid)
        return Survey(codes, groups, valid, texty, beginnings(groups, texty), marks)

    def _packed(self, runs: list[bytes], joined: bytes, seen: Survey) -> Iterator[bytes]:
        """Yield the parts of runs that begin like packed data. A compression's mark may stand anywhere in a run. A
        compression without a mark is looked for at a run's beginning and behind "=", quotes and ">".
        """
        for at in seen.marks.tolist():
            if _FULL.match((int(seen.groups[at])).to_bytes(4, "big")):
                end = joined.find(b"\n", at)
                yield joined[at : end if end >= 0 else len(joined)]
        ends = np.cumsum(np.fromiter(map(len, runs), np.int64, len(runs)) + 1) - 1
        starts = np.concatenate([[0], ends[:-1] + 1])
        which = np.arange(len(runs))
        behind = [match.end() for match in _ASSIGNED.finditer(joined)]
        owners = np.searchsorted(ends, behind)
        near = np.array(behind, np.int64) - starts[owners] <= _NAME if behind else np.zeros(0, np.bool_)
        places = np.concatenate([starts, np.array(behind, np.int64)[near]])
        which = np.concatenate([which, owners[near]])
        cut, whole = self._opening(seen, places, (ends[which] - places) * 4 // 5)
        told = (cut | whole) & seen.valid[places] & (ends[which] - places <= _MAX_CLOSED)
        for at, owner, is_cut in zip(places[told].tolist(), which[told].tolist(), cut[told].tolist(), strict=True):
            run = runs[owner]
            if not _ORDINARY.fullmatch(run) and not (run.islower() or run.isupper()):
                end = int(ends[owner])
                cuts = [0, *(sign.end() for sign in _QUERY.finditer(run[:-_NAME:-1]) if is_cut)][:_CUTS]
                yield from (joined[at : end - cut] for cut in cuts)

    def _opening(self, seen: Survey, places: Numbers, sizes: Numbers) -> tuple[Mask, Mask]:
        """Return which beginnings could be what no other bytes may follow, and which what ends itself."""
        if fast := kernels(0):
            cut, whole = fast.opening_85(seen.codes, places, sizes, self._values)
            return cut, whole
        head = heads(seen.groups, places)
        return reaches_the_end(head, sizes), ends_itself(head, sizes)

    def _readable(self, text: bytes, seen: Survey) -> Iterator[bytes]:
        starts = seen.starts
        by_offset = [seen.texty[offset::GROUP].tobytes() for offset in range(GROUP)] if len(starts) else []
        read_to, tries = [0] * GROUP, [0] * GROUP
        for start in starts.tolist():
            offset = start % GROUP
            if start < read_to[offset]:
                continue
            end = by_offset[offset].find(b"\0", start // GROUP)
            end = offset + GROUP * (end if end >= 0 else len(by_offset[offset]))
            found = self._longest(text, start, min(end, start + _MAX_SYMBOLS))
            tries[offset] += 1
            if found or tries[offset] >= _TRIES:
                read_to[offset], tries[offset] = end, 0
            yield from found

    def _longest(self, text: bytes, start: int, end: int) -> list[bytes]:
        """Decode a run as far as it reads. A shorter last group is added where it belongs to the run. Groups at the end
        that do not read are dropped.
        """
        whole = self._bytes(text[start:end])
        first = (len(whole) - _valid(whole)) // 4
        for cut in range(first, min(len(whole) // 4 - 1, first + _PREFIX)):
            kept = whole[: len(whole) - 4 * cut]
            match = self._tail.match(text, start + len(kept) // 4 * GROUP)
            rest = match[0] if match else b""
            longer = (kept + self._bytes(rest[:size]) for size in (0, 2, 3, 4) if size <= len(rest))
            found = [piece for piece in longer if plausible(piece)]
            if found:
                return found
        return []

    def _groups(self, codes: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
        """Return, for each place in the text, the number of the group that begins there and whether the group is
        valid.
        """
        values, members = self._values[codes], self._members[codes]
        size = len(values) - GROUP + 1
        number = values[:size].copy()
        for at in range(1, GROUP):
            number *= np.uint32(85)
            number += values[at : at + size]
        valid = members[:size].copy()
        for at in range(1, GROUP):
            valid &= members[at : at + size]
        # Beyond 2^32 the number has gone round: its first symbols are too large.
        first, second = values[:size], values[1 : size + 1]
        valid &= (first < 82) | ((first == 82) & (second <= 23))
        return number, valid

    def _bytes(self, run: bytes) -> bytes:
        """Decode groups of five symbols. Adobe's `z` stands for four zero bytes. A last group of n symbols gives n - 1
        bytes.
        """
        if self._zeros and b"z" in run:
            run = run.replace(b"z", self._zeros)
        if len(run) >= _MANY:
            whole = len(run) // GROUP
            values = self._values[np.frombuffer(run, np.uint8, whole * GROUP)].astype(np.uint64).reshape(-1, GROUP)
            numbers = values @ _POWERS
            bad = np.flatnonzero(numbers >= _LIMIT)
            head = numbers[: bad[0]] if len(bad) else numbers
            return head.astype(">u4").tobytes() + (b"" if len(bad) else self._bytes(run[whole * GROUP :]))
        out = bytearray()
        for at in range(0, len(run), GROUP):
            number, size = 0, min(GROUP, len(run) - at)
            for symbol in range(GROUP):
                number = number * 85 + (self._of[run[at + symbol]] if symbol < size else 84)
            if number >= _LIMIT:
                break
            out += number.to_bytes(4, "big")[: size - 1]
        return bytes(out)


def _valid(data: bytes) -> int:
    """Return how many leading bytes are whole UTF-8 characters."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def marks_of(symbols: str) -> bytes:
    """Return an expression for the first three symbols of encoded compressed data."""
    found: dict[str, None] = {}
    for mark in _MARKS:
        low, high = (int.from_bytes(mark.ljust(4, fill)[:4], "big") for fill in (b"\0", b"\xff"))
        for three in range(low // 7_225, high // 7_225 + 1):
            found[symbols[three // 7_225] + symbols[three // 85 % 85] + symbols[three % 85]] = None
    return "|".join(map(re.escape, found)).encode()


_MARKS: tuple[bytes, ...] = (
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"BZh",
    b"\xfd7zX",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
)
_MARKS += (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x5d\0\0")
_MARKED = np.zeros(1 << 16, np.bool_)
for _mark in _MARKS:
    _MARKED[int.from_bytes(_mark[:2], "big")] = True
_FULL = re.compile(b"|".join(re.escape(mark) for mark in _MARKS))
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SYMBOLS = {
    "ascii85": "".join(map(chr, range(33, 118))),
    "base85": _LETTERS + "!#$%&()*+-;<=>?@^_`{|}~",
    "z85": _LETTERS[:10] + _LETTERS[36:] + _LETTERS[10:36] + ".-:+=^!/*?&<>()[]{}@%$#",
}
ALPHABETS = {name: Alphabet(symbols) for name, symbols in SYMBOLS.items()}
