"""Joins values that are split over neighbouring fields: given and family name, area code and number.

It also joins answers that were streamed in pieces (server-sent events, one JSON object a line) and the word lists of
speech recognisers.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

# Most values hold no backslash: they are read at once.
_PAIR = re.compile(
    r'"([^"\\]{1,64}+)"\s*+:\s*+(?:"([^"\\]{0,200}+(?=")|(?:[^"\\]|\\.){0,200}+)"|(-?[0-9][0-9.]{0,30}+))'
)
_PIECE_OF_NAME = re.compile(r"[^\W\d_]{2,31}")
_LONGEST_NAME = 31
_SSE = re.compile(r"^data: ?(.*)\r?$", re.MULTILINE)
_CODED = re.compile(r'^[0-9a-g]:("(?:[^"\\]|\\.)*")\r?$', re.MULTILINE)  # data streams of web frameworks
_PACKET = re.compile(r"^[0-9]{1,3}(\[.*\])\r?$", re.MULTILINE)  # of Socket.IO
_LIST = re.compile(r'\[\s*"(?:[^"\\\[\]]|\\.){0,40}"(?:\s*,\s*"(?:[^"\\\[\]]|\\.){0,40}"){2,}\s*\]')
_TIMED = re.compile(r'\[\s*"((?:[^"\\\[\]]|\\.){1,40})"\s*,\s*-?[0-9.]+\s*[,\]]')  # a word and when it was said
_LEAST_TIMED = 3
_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"')
_APART = "    "  # as wide as columns: a number is read over it in its usual groups only
_LONGEST_WORD = 40
_FEWEST_WORDS = 2
_BEGINNINGS = (" ", "▁", "Ġ")  # of a word, as SentencePiece and byte-level tokenizers write them
_BEGINS = re.compile("[▁Ġ]")
_MOSTLY = 0.8  # of the values under a key that must be one word
_DECIMAL = re.compile(r"[0-9]\.[0-9]")
_DEPTH = 12
_LINES = 20_000  # of one stream
# What streamed answers name their pieces.
_DELTAS = frozenset(
    "content text delta token response partial partial_json transcript output output_text chunk part piece completion "
    "generated_text value message arguments word thinking".split()
)


def joined(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield ("fields", bytes): the scalar values of JSON objects in order, without their keys.

    Elements of arrays are left out, because a long list of numbers holds any number by chance.
    """
    pairs = [(key, text or number) for key, text, number in _PAIR.findall(text)]
    values = [value for _, value in pairs]
    if len(values) >= 2:
        yield "fields", _bytes(_APART.join(values))
        # What stands between the pieces of a number, or of a name, is of another kind: the pieces alone are next to
        # each other.
        for is_piece in (_is_piece_of_number, _is_piece_of_name):
            pieces = [value for value in values if is_piece(value)]
            if 1 < len(pieces) < len(values):
                yield "fields", _bytes(_APART.join(pieces))
    yield from word_lists(text, pairs)
    yield from _array(text)


def _is_piece_of_number(value: str) -> bool:
    return 2 <= len(value) <= 7 and value.isascii() and value.isdigit()


def _is_piece_of_name(value: str) -> bool:
    if not 2 <= len(value) <= _LONGEST_NAME:
        return False
    return value.isalpha() if value.isascii() else _PIECE_OF_NAME.fullmatch(value) is not None


def word_lists(text: str, pairs: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Yield ("words", bytes): words that stand repeatedly under one key, and lists of words, as running text."""
    by_key: dict[str, list[str]] = {}
    for key, value in pairs:
        if value and len(value) <= _LONGEST_WORD and ("." not in value or not _DECIMAL.search(value)):
            by_key.setdefault(key, []).append(value)
    lines = [
        _running(words)
        for words in by_key.values()
        if len(words) >= _FEWEST_WORDS and sum(" " not in word.strip(" ") for word in words) >= _MOSTLY * len(words)
    ]
    timed = _TIMED.findall(text)
    lines += [_running(timed)] if len(timed) >= _LEAST_TIMED else []
    lines += [_running(_ITEM.findall(found)) for found in _LIST.findall(text)]
    if lines:
        yield "words", _bytes("\n\n".join(lines))


def _running(words: list[str]) -> str:
    """Join words by spaces. Tokens of language models that mark where a word begins are joined without."""
    if any(word.startswith(_BEGINNINGS) for word in words):
        return _BEGINS.sub(" ", "".join(words))
    return " ".join(words).replace(" ##", "")


def events(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield ("events", bytes): the pieces of server-sent events joined into one text."""
    pieces = _SSE.findall(text)
    if len(pieces) > 1:
        yield "events", _bytes("".join(pieces))
        yield from _streamed(_documents(pieces), frozenset())


def _array(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield ("events", bytes): the pieces of one answer that stand in the objects of one JSON array."""
    if not text.lstrip().startswith("["):
        return
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return
    if isinstance(document, list) and len(document) > 1:
        rows = [row for row in document[:_LINES] if isinstance(row, dict)]
        yield from _streamed(rows, _DELTAS, longest=_LONGEST_WORD)


def objects(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield ("events", bytes): the pieces of one answer that stand in JSON objects, one a line, or behind a digit."""
    rows = [line for line in text.splitlines()[:_LINES] if line.startswith("{") and line.endswith("}")]
    if len(rows) > 1:
        yield from _streamed(_documents(rows), _DELTAS)
    packets = _PACKET.findall(text)[:_LINES]
    if len(packets) > 1:
        yield from _streamed(_documents(packets), frozenset(), longest=_LONGEST_WORD)
    texts = [match[1] for match in _CODED.finditer(text)][:_LINES]
    if len(texts) > 1:
        yield from _streamed(_documents(texts), frozenset())


def _documents(rows: Sequence[str]) -> Iterator[Any]:
    """Decode the JSON of each row of one stream. Rows that are none are left out."""
    for row in rows[:_LINES]:
        try:
            yield msgspec.json.decode(row)
        except (msgspec.DecodeError, RecursionError):
            continue


def _streamed(
    documents: Iterable[Any], keys: frozenset[str], *, longest: int | None = None
) -> Iterator[tuple[str, bytes]]:
    """Join the texts that stand at the same place of each document, nothing between them. With `keys`, only texts under
    these keys. With `longest`, only those of that mean length: longer ones are no pieces.
    """
    texts: dict[tuple[str, ...], list[str]] = {}
    for document in documents:
        for path, value in _strings(document, ()):
            if not keys or (path and path[-1] in keys):
                texts.setdefault(path, []).append(value)
    several = [pieces for pieces in texts.values() if len(pieces) > 1]
    if longest is not None:
        several = [pieces for pieces in several if sum(map(len, pieces)) <= longest * len(pieces)]
    made = ["".join(pieces) for pieces in several]
    if made:
        yield "events", _bytes("\n\n".join(made))


def _strings(document: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (keys from the outermost to the innermost, text). All elements of a list count as one place."""
    if isinstance(document, str):
        yield path, document
    elif len(path) > _DEPTH:
        return
    elif isinstance(document, dict):
        for key, value in document.items():
            yield from _strings(value, (*path, key))
    elif isinstance(document, list):
        for value in document:
            yield from _strings(value, path)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
