"""Exports redacted, annotated clips as files into a research folder, and removes files of clips that are gone.

Each clip is one JSON and one WAV file, named by the clip's random reference. They hold only what a lead may read. The
folder is the gateway's own. `prune` removes the files of clips that were deleted, withdrawn, or left the sample.
"""

from pathlib import Path
from typing import Any, Protocol

import msgspec

from gateway.contract.model import Contract
from gateway.files import BadFile, write_private
from gateway.redact.text.notes import shareable
from gateway.storage.sampling import sampled

_SHOWN = ("ref", "recorded_on", "trigger", "duration_ms", "locality", "transcript", "withheld")
_SAID = ("intent", "effective", "heard")


class Reviewed(Protocol):
    """What an export asks of the store."""

    def refs(self) -> list[str]: ...

    def get(self, ref: str) -> dict[str, Any] | None: ...

    def audio(self, ref: str) -> bytes | None: ...

    def annotations(self, ref: str) -> list[dict[str, Any]]: ...


def export(store: Reviewed, contract: Contract, folder: Path) -> int:
    """Write every annotated clip of the sample, and prune the folder. Returns the number of clips.

    Pseudonyms, coordinates and reviewers' names are not exported. Free text passes the transcript operator.

    Raises:
        BadFile: the contract has no exports, or the folder cannot be written.
    """
    if not contract.review.export:
        raise BadFile(f"contract {contract.name}: review.export: no; nothing leaves the store")
    prune(store, contract, folder)
    written = 0
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for ref in store.refs():
            row, said = store.get(ref), store.annotations(ref)
            if row is None or not said or not sampled(ref, contract.review.sampling):
                continue
            wav = store.audio(ref)
            if wav is not None:
                write_private(folder / f"{ref}.wav", wav)
            write_private(folder / f"{ref}.json", msgspec.json.encode(_line(row, said)))
            written += 1
    except OSError as error:
        raise BadFile(f"{folder}: {error.strerror or 'cannot be written'}") from None
    return written


def prune(store: Reviewed, contract: Contract, folder: Path) -> int:
    """Remove the files of every clip that may not be there any more. Returns the number of files."""
    allowed = (
        {ref for ref in store.refs() if sampled(ref, contract.review.sampling)} if contract.review.export else set()
    )
    gone = [path for path in folder.glob("*") if path.suffix in (".json", ".wav") and path.stem not in allowed]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _line(row: dict[str, Any], said: list[dict[str, Any]]) -> dict[str, Any]:
    shown = row["transcript"] or ""
    notes = [{key: each[key] for key in _SAID} | {"note": shareable(each["transcription"], shown)} for each in said]
    return {key: row[key] for key in _SHOWN} | {"annotations": notes}
