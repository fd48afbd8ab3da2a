"""Compares the answers of two worlds and decides non-interference. It knows nothing of encodings.

A and A' are two runs of the same world. A word that differs between them is random in the system itself. Random words
are renamed by first appearance, so that only their pattern of equality is compared. A word that is the same in A and A'
must be the same in a twin world with other identities. A hash without a key fails this test; a pseudonym passes it.
Method: Barthe, D'Argenio, Rezk, "Secure information flow by self-composition" (2004).
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

_TOKEN = re.compile(r""""[^"]*"|'[^']*'|[^\s"'<>]+|[<>]""")
_RECORD = re.compile(r"<(tr|li|article)\b.*?</\1>", re.DOTALL)
_BLOCK = 3_200  # bytes of one block of a binary body: 100 ms of sound
_HEAD = 44  # bytes before a WAV file's samples


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One answer as a role saw it. `name` is method and route template. `clip` is the utterance's label."""

    role: str
    name: str
    clip: str | None = None
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def place(self) -> str:
        return f"{self.role} {self.name}"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One word to compare, and the part of the answer it is in (status, header date, body transcript ...)."""

    part: str
    text: str


class Difference(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """`part` of the answers at `place` differs for these clips. It never holds the differing value."""

    place: str
    part: str
    clips: tuple[str, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """How many answers and words were compared. `masked` of the words are random in the system itself."""

    answers: int
    words: int
    masked: int
    differences: tuple[Difference, ...]


_Key = tuple[str, str, str | None, int]
_Words = dict[_Key, list[Token]]


class Reference:
    """The reference world, made from two runs of it.

    `unsteady` names the answers whose shape differs between the two runs. They cannot be compared.
    """

    def __init__(self, first: Sequence[View], second: Sequence[View]) -> None:
        a, b = _words(first), _words(second)
        self.unsteady = tuple(sorted({f"{key[0]} {key[1]}" for key in {*a, *b} if _shape(a, key) != _shape(b, key)}))
        self._steady = [key for key in a if _shape(a, key) == _shape(b, key)]
        self._known = frozenset({*a, *b})
        self._random = {key: _random(a[key], b[key]) for key in self._steady}
        self._words = self._renamed(a)
        self.masked = dict(
            Counter(
                f"{key[1]}: {a[key][at].part}" for key in self._steady for at in sorted(self._random[key])
            ).most_common()
        )

    def compare(self, other: Sequence[View]) -> Comparison:
        """Compare another world with the reference."""
        theirs = _words(other)
        renamed = self._renamed(theirs)
        found: dict[tuple[str, str], set[str]] = {}
        for key in self._steady:
            for part in _unlike(self._words[key], renamed.get(key)):
                found.setdefault((f"{key[0]} {key[1]}", part), set()).add(key[2] or "")
        for key in theirs:
            if key not in self._known:
                found.setdefault((f"{key[0]} {key[1]}", "the answer itself"), set()).add(key[2] or "")
        differences = [Difference(place=p, part=w, clips=tuple(sorted(c - {""}))) for (p, w), c in found.items()]
        return Comparison(
            answers=len(self._steady),
            words=sum(len(self._words[key]) for key in self._steady),
            masked=sum(map(len, self._random.values())),
            differences=tuple(sorted(differences)),
        )

    def _renamed(self, words: _Words) -> _Words:
        """Replace random words by numbers in order of first appearance. Their length stays if it is not random."""
        names: dict[str, str] = {}
        renamed: _Words = {}
        for key in self._steady:
            if key not in words:
                continue
            row = list(words[key])
            for at, sized in self._random[key].items():
                if at < len(row):
                    bare = row[at].text.strip("\"'")
                    name = names.setdefault(bare, f"#{len(names)}")
                    row[at] = Token(part=row[at].part, text=f"{name} of {len(bare)}" if sized else name)
            renamed[key] = row
        return renamed


def _shape(words: _Words, key: _Key) -> list[str] | None:
    return [token.part for token in words[key]] if key in words else None


def _random(a: Sequence[Token], b: Sequence[Token]) -> dict[int, bool]:
    """Positions of words that differ between two runs of one world, and whether their lengths agree."""
    pairs = enumerate(zip(a, b, strict=True))
    return {at: len(one.text) == len(two.text) for at, (one, two) in pairs if one.text != two.text}


def _unlike(ours: Sequence[Token], theirs: Sequence[Token] | None) -> set[str]:
    if theirs is None:
        return {"the answer itself"}
    parts = {one.part for one, two in zip(ours, theirs, strict=False) if one != two}
    if len(ours) != len(theirs):
        counts = [Counter(token.part for token in row) for row in (ours, theirs)]
        # A part that only the other world has may be named after a person, so its name is not used.
        differ = {part for part in {*counts[0], *counts[1]} if counts[0][part] != counts[1][part]}
        parts |= {part if part in counts[0] else "a part of its own" for part in differ}
    return parts


def _words(views: Iterable[View]) -> _Words:
    seen: Counter[tuple[str, str, str | None]] = Counter()
    words: _Words = {}
    for view in views:
        again = view.role, view.name, view.clip
        seen[again] += 1
        words[(*again, seen[again])] = tokens_of(view)
    return words


def tokens_of(view: View) -> list[Token]:
    """All tokens of an answer: status, headers in order, and the body as words (text) or blocks of bytes (binary)."""
    kind = dict(view.headers).get("content-type", "")
    found = [Token(part="status", text=str(view.status))]
    for name, value in view.headers:
        found.append(Token(part="header names", text=name))
        found += [Token(part=f"header {name}", text=text) for text in _TOKEN.findall(value)]
    if "json" in kind:
        return found + _json_tokens(view.body)
    if kind.startswith("text/") or "svg" in kind or "script" in kind:
        return found + _text_tokens(view.body.decode("utf-8", "replace"))
    found.append(Token(part="body length", text=str(len(view.body))))
    found.append(Token(part="body head", text=view.body[:_HEAD].hex()))
    samples = view.body[_HEAD:]
    blocks = (samples[at : at + _BLOCK] for at in range(0, len(samples), _BLOCK))
    return found + [Token(part="body", text=hashlib.sha256(block).hexdigest()) for block in blocks]


def _text_tokens(text: str) -> list[Token]:
    return [Token(part="body", text=word) for word in _TOKEN.findall(text)]


def _json_tokens(body: bytes) -> list[Token]:
    """Each JSON value with the path of its keys. A body that is not valid JSON is read as text."""
    try:
        return list(_leaves(json.loads(body, object_pairs_hook=_pairs), "body"))
    except (ValueError, RecursionError):
        return _text_tokens(body.decode("utf-8", "replace"))


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key appears twice")
    return dict(pairs)


def _leaves(value: object, part: str) -> Iterable[Token]:
    """All leaves of a JSON value. A list of numbers is one token, because a waveform is random as a whole or not."""
    if isinstance(value, dict):
        yield Token(part=f"{part} keys", text=" ".join(value))
        for key, inner in value.items():
            yield from _leaves(inner, f"{part} {key}")
    elif isinstance(value, list) and any(isinstance(inner, (dict, list, str)) for inner in value):
        yield Token(part=f"{part} length", text=str(len(value)))
        for inner in value:
            yield from _leaves(inner, part)
    else:
        yield Token(part=part, text=json.dumps(value))


def labelled(body: bytes, labels: Mapping[str, str], *, json_body: bool) -> bytes:
    """A body whose random clip refs are replaced by labels, with its rows sorted by label.

    Rows are sorted only if they are in the order of the random refs, which tells nothing. Any other order stays.
    Another view checks whether the refs are random.
    """
    text = body.decode("utf-8", "replace")
    refs = [ref for ref in re.findall(r"[A-Za-z0-9_-]{16,}", text) if ref in labels]
    by_ref = list(dict.fromkeys(refs)) == sorted(set(refs))
    for ref in dict.fromkeys(refs):
        text = text.replace(ref, labels[ref])
    if not by_ref or len(set(refs)) < 2:
        return text.encode()
    return (_sorted_json(text, labels) if json_body else _sorted_html(text, labels)).encode()


def _sorted_html(text: str, labels: Mapping[str, str]) -> str:
    known = set(labels.values())

    def label(row: str) -> str:
        return next((word for word in re.findall(r"[A-Za-z0-9_-]+", row) if word in known), "")

    rows = [found[0] for found in _RECORD.finditer(text) if label(found[0])]
    ordered = iter(sorted(rows, key=label))
    return _RECORD.sub(lambda found: next(ordered) if label(found[0]) else found[0], text)


def _sorted_json(text: str, labels: Mapping[str, str]) -> str:
    known = set(labels.values())

    def ordered(value: object) -> object:
        if isinstance(value, dict):
            return {key: ordered(inner) for key, inner in value.items()}
        if isinstance(value, list):
            inner = [ordered(each) for each in value]
            if inner and all(isinstance(each, dict) and each.get("ref") in known for each in inner):
                inner.sort(key=lambda each: str(each["ref"]))  # type: ignore[index]
            return inner
        return value

    try:
        return json.dumps(ordered(json.loads(text)))
    except ValueError:
        return text
