"""A response (or any bytes) -> findings: what in it identifies a household."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from gateway.identities import Identities
from scenarios.leaks.decode.containers import begins_container
from scenarios.leaks.decode.layers import Layer, Limits, decode
from scenarios.leaks.decode.layers import outermost as undecoded
from scenarios.leaks.decode.signals import signals
from scenarios.leaks.haystack import Haystack, Part, haystack_of
from scenarios.leaks.known import CHECK, Known
from scenarios.leaks.needles.literals import fold, spaced
from scenarios.leaks.needles.needles import Needle
from scenarios.verdict import Finding, Where

__all__ = ["CHECK", "MASKED", "OVERLAP", "PIECE", "Haystack", "LeakDetector", "Part", "Searched"]

MASKED = "[masked]"
PIECE = 8 * 1024 * 1024  # bytes searched at a time
OVERLAP = 64 * 1024  # a value may stand across two pieces
_SMALL = 4 * 1024  # bytes; parts up to here are searched together first
N = TypeVar("N", int, float)


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """`notes` say where a bound cut the search short; `bytes` is what was searched, before decoding."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    bytes: int


class LeakDetector:
    """Knows every identity there is. Built once, then asked for every response; not for two threads at once.

    `left_out` counts by field what is too common to be looked for; `chance` estimates by field the hits that luck
    alone would give in a million responses. `hash_keys` are test keys whose HMAC is known; `sounds_alike` also tells
    of names that only sound like known ones. `fields` counts by field the values looked for. `key` makes the marks of
    values (`Finding.mark`) the same in every detector that has it; without it they are good within this one.
    """

    def __init__(
        self,
        identities: Identities | Known,
        *,
        beside: Sequence[Known] = (),
        extra: Iterable[Needle] = (),
        limits: Limits | None = None,
        hash_keys: Sequence[bytes] = (),
        plain: bool = False,
        sounds_alike: bool = False,
        key: bytes | None = None,
    ) -> None:
        self._key = key or secrets.token_bytes(32)
        self._limits = limits or Limits()
        signals()  # compiled now, not while the first response waits
        if isinstance(identities, Identities):
            identities = Known(identities, extra=extra, hash_keys=hash_keys, plain=plain, sounds_alike=sounds_alike)
        self._known = (identities, *beside)
        self.left_out = _summed(each.left_out for each in self._known)
        self.needle_count = sum(each.needle_count for each in self._known)
        self.place_count = sum(each.place_count for each in self._known)
        self.fields = _summed(each.fields for each in self._known)
        self.chance = _summed(each.chance for each in self._known)

    def hash_now(self, *, jobs: int = 1, said: Callable[[float], None] | None = None) -> None:
        """As `Known.hash_now`, of everybody."""
        for at, known in enumerate(self._known):
            known.hash_now(jobs=jobs, said=said if at == 0 else None)  # the others are few

    def scan(self, response: object, name: str = "") -> list[Finding]:
        """Findings in any response, text or bytes (see `haystack_of`); `search` also says what was not searched."""
        return list(self.search(haystack_of(response, masked=self.masked, name=name)).findings)

    def scan_bytes(self, data: bytes, where: Where) -> list[Finding]:
        return self.scan(Haystack(parts=(Part(kind=where.kind, name=where.name, data=data),)))

    def search(self, response: Haystack) -> Searched:
        """Every part to every depth. A value found twice in one part is one finding, with its shortest chain."""
        findings: list[Finding] = []
        notes: list[str] = []
        # A response has a dozen headers and nearly always none leaks: one look at all of them tells. Only plain
        # ASCII may be joined: anything else could change how its neighbours are read.
        small = [part for part in response.parts if len(part.data) <= _SMALL and part.data.isascii()]
        large = [part for part in response.parts if part not in small]
        if len(small) > 1:
            together = Part(kind="", name="", data=b"\n".join(part.data for part in small))
            hits, cut = self._search_part(together)
            small = small if hits or cut else []
        for part in (*small, *large):
            hits, cut = self._search_part(part)
            findings += hits
            if cut:
                notes.append(f"{part.kind} {part.name}: {cut}, searched up to there")
        size = sum(len(part.data) for part in response.parts)
        return Searched(findings=tuple(findings), notes=tuple(notes), bytes=size)

    def shows(self, texts: Sequence[bytes], between: bytes) -> bool:
        """Whether anything stands in one of them as it is, nothing taken off; `between` no value goes on over."""
        if self._holds(undecoded(between.join(texts)), together=False):
            return True
        folded = (spaced(fold(undecoded(text).text)) for text in texts)
        return any(known.together(words) for words in folded for known in self._known)

    def hides(self, data: bytes, *, short: bool) -> bool:
        """Whether anything stands in what is encoded in it, or a bound was met; `short`: it is many short texts."""
        decoded = decode(data, self._limits, short=len(data)) if short else decode(data, self._limits)
        return decoded.cut is not None or any(map(self._holds, decoded.layers[1:]))

    def _holds(self, layer: Layer, *, together: bool = True) -> bool:
        found = self._search_layer(layer, Where(kind="", name=""), together=together)
        return next(found, None) is not None

    def _search_layer(
        self, layer: Layer, where: Where, *, together: bool = True
    ) -> Iterator[tuple[tuple[str, ...], Finding]]:
        folded = fold(layer.text)
        words = spaced(folded)
        for known in self._known:
            yield from known.search(layer, folded, words, where, together=together)

    def masked(self, name: str) -> str:
        """A name (route, file, header) that may be shown: as it is, unless it holds an identity itself."""
        return MASKED if self.scan_bytes(name.encode("utf-8", "replace"), Where(kind="name", name="")) else name

    def _search_part(self, part: Part) -> tuple[list[Finding], str | None]:
        """What is long is searched piece by piece, so that memory stays within bounds."""
        where = Where(kind=part.kind, name=part.name)
        found: dict[tuple[str, ...], Finding] = {}
        cuts: list[str] = []
        for begin in range(0, max(len(part.data), 1), PIECE):
            decoded = decode(part.data[_whole(part.data, begin - OVERLAP) : begin + PIECE], self._limits)
            cuts += [decoded.cut] if decoded.cut else []
            for layer in decoded.layers:
                for key, finding in self._search_layer(layer, where):
                    if key not in found or (found[key].severity == "low" != finding.severity):
                        marked = msgspec.structs.replace(finding, mark=self._mark(key))
                        found[key] = _moved(marked, _whole(part.data, begin - OVERLAP))
        if len(part.data) > PIECE and begins_container(part.data[:64]):
            cuts.append(f"compressed, and longer than {PIECE} bytes")
        return list(found.values()), "; ".join(dict.fromkeys(cuts)) or None

    def _mark(self, key: tuple[str, ...]) -> str:
        """Household and value, under the key."""
        _, household, _, value = key
        return hashlib.blake2b("\0".join((household, value)).encode(), digest_size=16, key=self._key).hexdigest()


def _whole(data: bytes, at: int) -> int:
    """The nearest place from `at` on, and not before the start, at which a UTF-8 character begins."""
    if at <= 0:
        return 0
    return at + next((step for step in range(4) if at + step >= len(data) or data[at + step] & 0xC0 != 0x80), 0)


def _moved(finding: Finding, begin: int) -> Finding:
    """With its offset in the whole part."""
    if not begin or finding.where.offset is None:
        return finding
    where = msgspec.structs.replace(finding.where, offset=finding.where.offset + begin)
    return msgspec.structs.replace(finding, where=where)


def _summed(counts: Iterable[Mapping[str, N]]) -> dict[str, N]:
    """Return the sums by key."""
    total: dict[str, N] = {}
    for each in counts:
        for key, count in each.items():
            total[key] = total[key] + count if key in total else count
    return total
