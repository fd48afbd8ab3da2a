"""Loads an identities file and refuses one in which nobody could be found."""

from pathlib import Path

from gateway.files import BadFile
from gateway.identities import Identities, load_identities
from scenarios.leaks.match.places import spots_of
from scenarios.leaks.needles.needles import needles_of


def load_searchable(path: Path) -> Identities:
    """The identities. Raises BadFile: the file is wrong, has no household, or has no value specific enough to be looked
    for.
    """
    known = load_identities(path)
    found = needles_of(known)
    if not found.needles and not spots_of(known):
        raise nobody(path, found.left_out)
    return known


def nobody(path: Path, left_out: dict[str, int]) -> BadFile:
    """The error about a file in which there is nothing to look for."""
    left = ", ".join(f"{count} {field}" for field, count in sorted(left_out.items()))
    why = f"too common or too short alone: {left}" if left else "no household with a value"
    return BadFile(f"{path}: holds nothing that could be looked for ({why})")
