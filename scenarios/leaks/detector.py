"""A response (or any bytes) -> findings: what in it identifies a household."""

import hashlib
import math
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from gateway.identities import Identities
from scenarios.leaks.collecting import not_collecting
from scenarios.leaks.decode.containers import begins_container
from scenarios.leaks.decode.layers import Layer, Limits, decode
from scenarios.leaks.decode.layers import outermost as undecoded
from scenarios.leaks.decode.signals import signals
from scenarios.leaks.haystack import Haystack, Part, haystack_of
from scenarios.leaks.match.births import Births
from scenarios.leaks.match.conjunctions import Conjunctions
from scenarios.leaks.match.hashes import Hashes
from scenarios.leaks.match.numbers import Digits
from scenarios.leaks.match.packed import Packed
from scenarios.leaks.match.partial import Numbers, Partial
from scenarios.leaks.match.people import People
from scenarios.leaks.match.places import Places, Sighting, spots_of
from scenarios.leaks.match.sounds import Sounds
from scenarios.leaks.needles.chance import riskiest
from scenarios.leaks.needles.forms import in_compact, in_digits, in_words
from scenarios.leaks.needles.literals import fold, literals, outermost, spaced
from scenarios.leaks.needles.needles import Needle, needles_of
from scenarios.verdict import Finding, Where

__all__ = ["CHECK", "MASKED", "OVERLAP", "PIECE", "Haystack", "LeakDetector", "Part", "Searched"]

CHECK = "leaks"
MASKED = "[masked]"
_PLACE_MARKS = frozenset(
    "decimals,degrees,scaled,geohash,plus code,tile,grid,cells,angles,polyline,mercator,geometry".split(",")
)
PIECE = 8 * 1024 * 1024  # bytes searched at a time
OVERLAP = 64 * 1024  # a value may stand across two pieces
_TURNS, _TURNED = frozenset({"reversed", "rot13"}), 8  # a text turned; letters from which a value in it counts
_SMALL = 4 * 1024  # bytes; parts up to here are searched together first


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

    @not_collecting()
    def __init__(
        self,
        identities: Identities,
        *,
        extra: Iterable[Needle] = (),
        limits: Limits | None = None,
        hash_keys: Sequence[bytes] = (),
        plain: bool = False,
        sounds_alike: bool = False,
        key: bytes | None = None,
    ) -> None:
        self._key = key or secrets.token_bytes(32)
        found = needles_of(identities)
        needles = (*found.needles, *extra)
        self.left_out = found.left_out
        self.needle_count = len(needles)
        self.fields = dict(Counter(field for field, _, _ in {(n.field, n.household_id, n.value) for n in needles}))
        self._limits = limits or Limits()
        signals()  # compiled now, not while the first response waits
        self._words, self._compact, self._digits = in_words(needles), in_compact(needles), Digits(in_digits(needles))
        self._people = People(identities, plain=plain)
        self._conjunctions = Conjunctions(identities, plain=plain)
        self._births = Births(identities, plain=plain)
        self._in_words = literals(list(self._words), plain=plain)
        self._in_compact = literals(list(self._compact), plain=plain)
        self._hashes = Hashes(needles, keys=hash_keys)
        self._numbers = Numbers(needles)
        spots = spots_of(identities)
        self.place_count = len(spots)
        self.fields |= Counter(spot.field for spot in spots)
        self._places = Places(spots)
        self._packed = Packed(spots)
        self._sounds = Sounds(needles) if sounds_alike else None
        self.chance = riskiest(needles)

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
        layer = undecoded(between.join(texts))
        if next(self._search_layer(layer, Where(kind="", name=""), together=False), None) is not None:
            return True
        folded = (spaced(fold(undecoded(text).text)) for text in texts)
        return any(next(self._conjunctions.search(words), None) is not None for words in folded)

    def hides(self, data: bytes, *, short: bool) -> bool:
        """Whether anything stands in what is encoded in it, or a bound was met; `short`: it is many short texts."""
        decoded = decode(data, self._limits, short=len(data)) if short else decode(data, self._limits)
        return decoded.cut is not None or any(map(self._holds, decoded.layers[1:]))

    def _holds(self, layer: Layer) -> bool:
        return next(self._search_layer(layer, Where(kind="", name="")), None) is not None

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

    def _search_layer(
        self, layer: Layer, where: Where, *, together: bool = True
    ) -> Iterator[tuple[tuple[str, ...], Finding]]:
        """(key, finding) of all that stands in one layer; without what only `together` points at a home, if not."""
        turned = not _TURNS.isdisjoint(layer.how)
        named: set[str] = set()
        folded = fold(layer.text)
        words = spaced(folded)
        for needle, matcher in self._needles_in(layer, folded, words):
            if turned and len(needle.key) < _TURNED:
                continue
            if needle.severity != "low":
                named.add(needle.household_id)
            offset = _offset(needle, layer) if matcher == "exact" and not layer.how else None
            yield _key(needle), _finding(needle, (*layer.how, matcher), msgspec.structs.replace(where, offset=offset))
        if not layer.marks.isdisjoint(_PLACE_MARKS):
            for sighting in self._places.search(layer.text, layer.marks):
                spot = sighting.spot
                yield (spot.field, spot.household_id, "", str(spot)), _place_finding(sighting, layer.how, where)
        if layer.noise and not layer.how:
            for spot, packed in self._packed.search(layer.data):
                sighting = Sighting(spot=spot, metres=0, swapped=False, notation=packed)
                yield (spot.field, spot.household_id, "", str(spot)), _place_finding(sighting, layer.how, where)
        if "masked" in layer.marks:
            for partial in self._numbers.search(layer.text):
                yield _key(partial.needle), _partial_finding(partial, layer.how, where)
        for needle, which in () if not together else self._conjunctions_in(layer, words, frozenset(named)):
            yield _key(needle), _finding(needle, (*layer.how, which), where)

    def _needles_in(self, layer: Layer, folded: str, words: bytes) -> Iterator[tuple[Needle, str]]:
        text = layer.text
        longer: list[tuple[int, int]] = []
        for key, start, end in outermost(self._in_words.search(b" " + words + b" ")):
            if not any(needle.field.endswith("name") for needle, _ in self._words[key]):
                longer.append((start, end))
            for needle, how in self._words[key]:
                # Four letters by themselves turn up in the runs of anything binary.
                if not (layer.noise and needle.field == "members.given_name"):
                    yield needle, _matcher(needle, text, how or "words")
        if self._sounds is not None and not layer.noise:
            for needle in self._sounds.search(words.decode().split()):
                yield msgspec.structs.replace(needle, possible=True), "sounds alike (possible)"
        for key, _, _ in self._in_compact.search(words.translate(None, b" ")):
            yield from ((needle, _matcher(needle, text, how or "id")) for needle, how in self._compact[key])
        for needle, how in self._people.search(words, within=longer):
            yield needle, _matcher(needle, text, how)
        if not layer.noise:
            yield from ((needle, "behind its label") for needle in self._births.search(words))
        if "digits" in layer.marks or not text.isascii():
            for needle, how in self._digits.search(folded, turned="reversed" in layer.how):
                yield needle, _matcher(needle, text, how or "digits")
        if not layer.marks.isdisjoint({"hash", "hex bytes"}):
            yield from self._hashes.search(text)
        if layer.noise or len(text.encode("utf-8", "replace")) != len(layer.data):
            yield from self._hashes.search_bytes(layer.data)

    def _conjunctions_in(self, layer: Layer, words: bytes, known: frozenset[str]) -> Iterator[tuple[Needle, str]]:
        """What only together points at a home, and at none that is recognised there by something else."""
        if not layer.noise and _TURNS.isdisjoint(layer.how):
            yield from self._conjunctions.search(words, known=known)


def _whole(data: bytes, at: int) -> int:
    """The nearest place from `at` on, and not before the start, at which a UTF-8 character begins."""
    if at <= 0:
        return 0
    return at + next((step for step in range(4) if at + step >= len(data) or data[at + step] & 0xC0 != 0x80), 0)


def _key(needle: Needle) -> tuple[str, ...]:
    return needle.field, needle.household_id, needle.person_id or "", needle.value


def _matcher(needle: Needle, text: str, family: str) -> str:
    return "exact" if needle.value in text else family


def _offset(needle: Needle, layer: Layer) -> int | None:
    at = layer.data.find(needle.value.encode())
    return at if at >= 0 else None


def _moved(finding: Finding, begin: int) -> Finding:
    """With its offset in the whole part."""
    if not begin or finding.where.offset is None:
        return finding
    where = msgspec.structs.replace(finding.where, offset=finding.where.offset + begin)
    return msgspec.structs.replace(finding, where=where)


def _finding(needle: Needle, how: Sequence[str], where: Where) -> Finding:
    return Finding(
        check=CHECK,
        severity=needle.severity,
        where=where,
        household_id=needle.household_id,
        person_id=needle.person_id,
        field=needle.field,
        how=tuple(how),
        masked_evidence=needle.masked,
    )


def _partial_finding(partial: Partial, how: Sequence[str], where: Where) -> Finding:
    found = _finding(partial.needle, (*how, "partly masked"), where)
    return msgspec.structs.replace(found, masked_evidence=partial.evidence, severity=partial.severity)


def _place_finding(sighting: Sighting, how: Sequence[str], where: Where) -> Finding:
    spot, metres = sighting.spot, max(1, math.ceil(sighting.within_m))
    return Finding(
        check=CHECK,
        severity=sighting.severity,
        where=where,
        household_id=spot.household_id,
        field=spot.field,
        how=(
            *how,
            *([sighting.notation] if sighting.notation else []),
            "place swapped" if sighting.swapped else "place",
        ),
        masked_evidence=f"{spot.field.split('.')[0]} within {metres} m",
    )
