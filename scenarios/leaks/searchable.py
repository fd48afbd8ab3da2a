"""Loads who must not be found, from identities or from a needle file, and refuses a file in which nobody could be."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from gateway.files import BadFile
from gateway.identities import Household, Identities, load_identities
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.known import Known
from scenarios.leaks.match.spots.places import spots_of
from scenarios.leaks.needles.needle import Needle
from scenarios.leaks.needles.needles import needles_of

_FEW = 50  # homes
_BESIDE_OTHERS = frozenset({"members.given_name", "members.name"})  # whether these count depends on other homes


class Searchable(msgspec.Struct, frozen=True, kw_only=True):
    """Who must not be found: `identities` as they were given, or what is `known` of them already.

    `digest` is the same for both. `labels` are the households' ids.
    """

    identities: Identities | None = None
    known: Known | None = None
    digest: str
    labels: frozenset[str]

    def detector(
        self, *, beside: Household | None = None, extra: Sequence[Needle] = (), key: bytes | None = None
    ) -> LeakDetector:
        """Return a detector, also for one more household and for `extra` needles."""
        more = () if beside is None else (beside,)
        if self.known is None:
            known = self.identities or Identities(schema=1, households=())
            everybody = known.model_copy(update={"households": (*known.households, *more)})
            return LeakDetector(everybody, extra=extra, key=key)
        if not more and not extra:
            return LeakDetector(self.known, key=key)
        others = Known(Identities(schema=2, households=more), extra=extra)
        return LeakDetector(self.known, beside=(others,), key=key)


def open_searchable(path: Path) -> Searchable:
    """Read identities or a needle file.

    Raises:
        BadFile: the file is wrong, has no household, or has no value specific enough to be looked for. About a needle
            file: see `read_needles`.
    """
    from scenarios.leaks.needle_file import is_needle_file, read_needles  # cryptography is not in every installation

    if is_needle_file(path):
        kept = read_needles(path)
        return Searchable(known=kept.known, digest=kept.digest, labels=kept.labels)
    known = load_searchable(path)
    return Searchable(identities=known, digest=digest_of(known), labels=labels_of(known))


def load_searchable(path: Path) -> Identities:
    """Read identities.

    Raises:
        BadFile: as `open_searchable`.
    """
    known = load_identities(path)
    few = known.model_copy(update={"households": known.households[:_FEW]})
    if any(needle.field not in _BESIDE_OTHERS for needle in needles_of(few).needles):
        return known
    found = needles_of(known)
    if not found.needles and not spots_of(known):
        raise nobody(path, found.left_out)
    return known


def nobody(path: Path, left_out: dict[str, int]) -> BadFile:
    """Return the error about a file in which there is nothing to look for."""
    left = ", ".join(f"{count} {field}" for field, count in sorted(left_out.items()))
    why = f"too common or too short alone: {left}" if left else "no household with a value"
    return BadFile(f"{path}: holds nothing that could be looked for ({why})")


def digest_of(identities: Identities) -> str:
    """Return a digest by which two searches see that they look for the same people."""
    return hashlib.blake2b(identities.to_json(), digest_size=16).hexdigest()


def labels_of(identities: Identities) -> frozenset[str]:
    return frozenset(home.household_id for home in identities.households)
