"""The files that a target file names: `earlid check` says which of them are not there, and a run need not begin."""

from collections.abc import Iterator
from pathlib import Path

from gateway.fault_words import shown
from scenarios.model.yaml_file import BadFiles, Document, Fault, Key, dotted, read_document, walk

_FILES = frozenset({"ca", "devices", "identities", "har", "cookies"})


def all_there(path: Path) -> None:
    """Raises BadFiles: a file that the target file names is not there, or is no file."""
    document = read_document(path)
    if faults := list(_missing(document, path.parent)):
        raise BadFiles(faults)


def _missing(document: Document, beside: Path) -> Iterator[Fault]:
    for at, value in walk(document.data):
        if isinstance(value, str) and _names_a_file(at):
            named = beside / value
            if not named.is_file():
                what = "is no file" if named.exists() else "no such file beside this one"
                yield Fault(place=document.place(at), key=dotted(at), says=f"{shown(value)}: {what}")


def _names_a_file(at: Key) -> bool:
    """`kept.audio.file` is a place in a record; each other `file` is a credential's."""
    return at[-1] in _FILES or (at[-1] == "file" and at[-2:-1] != ("audio",))
