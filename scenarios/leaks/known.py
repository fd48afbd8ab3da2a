"""Everything that is looked for, and the search of one readable layer for it."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from gateway.identities import Identities
from scenarios.leaks.collecting import not_collecting
from scenarios.leaks.decode.layers import Layer
from scenarios.leaks.match.births import Births
from scenarios.leaks.match.conjunctions import Conjunctions
from scenarios.leaks.match.hashes import Hashes
from scenarios.leaks.match.numbers import Digits
from scenarios.leaks.match.partial import Numbers, Partial
from scenarios.leaks.match.people import People
from scenarios.leaks.match.sounds import Sounds
from scenarios.leaks.match.spots.packed import Packed
from scenarios.leaks.match.spots.places import Places, Sighting, spots_of
from scenarios.leaks.needles.chance import riskiest
from scenarios.leaks.needles.forms import in_compact, in_digits, in_words
from scenarios.leaks.needles.literals import literals, outermost
from scenarios.leaks.needles.needles import Needle, needles_of
from scenarios.verdict import Finding, Where

CHECK = "leaks"
_PLACE_MARKS = frozenset(
    "decimals,degrees,scaled,geohash,plus code,tile,grid,cells,angles,polyline,mercator,geometry".split(",")
)
_TURNS, _TURNED = frozenset({"reversed", "rot13"}), 8  # a text turned; letters from which a value in it counts


class Known:
    """Knows every value to look for. Built once; not for two threads at once.

    `left_out`, `fields`, `chance`, `needle_count` and `place_count` are those of `LeakDetector`. A Known can be kept in
    a file: see `needle_file`.
    """

    @not_collecting()
    def __init__(
        self,
        identities: Identities,
        *,
        extra: Iterable[Needle] = (),
        hash_keys: Sequence[bytes] = (),
        plain: bool = False,
        sounds_alike: bool = False,
    ) -> None:
        found = needles_of(identities)
        needles = (*found.needles, *extra)
        self.left_out = found.left_out
        self.needle_count = len(needles)
        self.fields = dict(Counter(field for field, _, _ in {(n.field, n.household_id, n.value) for n in needles}))
        self._words, self._compact, self._digits = in_words(needles), in_compact(needles), Digits(in_digits(needles))
        self._people = People(identities, plain=plain)
        self._conjunctions = Conjunctions(identities, plain=plain)
        self._births = Births(identities, plain=plain)
        self._in_words = literals(self._words.forms(), plain=plain)
        self._in_compact = literals(self._compact.forms(), plain=plain)
        self._hashes = Hashes(needles, keys=hash_keys)
        self._numbers = Numbers(needles)
        spots = spots_of(identities)
        self.place_count = len(spots)
        self.fields |= Counter(spot.field for spot in spots)
        self._places = Places(spots)
        self._packed = Packed(spots)
        self._sounds = Sounds(needles) if sounds_alike else None
        self.chance = riskiest(needles)

    def hash_now(self, *, jobs: int = 1, said: Callable[[float], None] | None = None) -> None:
        """Hash every value now, not when the first digest is met, in `jobs` processes. `said` is told how far it is,
        from 0 to 1.
        """
        self._hashes.build(jobs=jobs, said=said)

    def together(self, words: bytes) -> bool:
        """Return whether several values in these words point at a home together."""
        return next(self._conjunctions.search(words), None) is not None

    def search(
        self, layer: Layer, folded: str, words: bytes, where: Where, *, together: bool = True
    ) -> Iterator[tuple[tuple[str, ...], Finding]]:
        """Yield (key, finding) of all that stands in one layer. Without `together`, several values that point at a home
        only together are left out. `folded` is `fold` of the layer's text, `words` is `spaced` of that.
        """
        turned = not _TURNS.isdisjoint(layer.how)
        named: set[str] = set()
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


def _key(needle: Needle) -> tuple[str, ...]:
    return needle.field, needle.household_id, needle.person_id or "", needle.value


def _matcher(needle: Needle, text: str, family: str) -> str:
    return "exact" if needle.value in text else family


def _offset(needle: Needle, layer: Layer) -> int | None:
    at = layer.data.find(needle.value.encode())
    return at if at >= 0 else None


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
