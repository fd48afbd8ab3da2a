"""Gives a vault another key. Everything sealed is sealed again, in steps that may be interrupted."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from gateway.files import BadFile
from gateway.vault.facts import OWNER
from gateway.vault.journal import JournalFile
from gateway.vault.sealing import NotSealed, Seal, read_sealed, write_sealed


class Owning(Protocol):
    """What a rotation asks of the store."""

    def reseal_owners(self, anew: Callable[[str], str]) -> int:
        """Replace every owner by `anew(owner)`, all or none. Returns the number."""


def rotate(sealed: Path, memory: Path, store: Owning, *, old: Seal, new: Seal) -> int:
    """Seal everything again. Returns the number of owners. Whatever the new key opens already stays.

    Raises:
        BadFile: something opens with neither key. Whatever was not reached yet is unchanged.
    """

    def anew(owner: str) -> str:
        try:
            new.open_text(owner, OWNER)
        except NotSealed:
            try:
                return new.close_text(old.open_text(owner, OWNER), OWNER)
            except NotSealed:
                raise BadFile("the store: an owner opens with neither key") from None
        return owner

    identities = _opened(sealed, old, new)
    if memory.exists():
        _journal(memory, old, new).reseal(new)
    count = store.reseal_owners(anew)
    write_sealed(sealed, identities, new)
    return count


def _opened(sealed: Path, old: Seal, new: Seal) -> bytes:
    try:
        return read_sealed(sealed, new)
    except BadFile:
        return read_sealed(sealed, old)


def _journal(memory: Path, old: Seal, new: Seal) -> JournalFile:
    try:
        return JournalFile(memory, new)
    except BadFile:
        return JournalFile(memory, old)
