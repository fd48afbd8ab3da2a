"""Recordings of real people: a folder with `wake/` (the wake word) and `other/` (speech without it), any depth inside.

They are read where they lie and never copied. Who speaks is not known: whoever splits them splits by file, and the same
speaker may be on both sides.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from gateway.files import BadFile
from scenarios.wakewords.talk import number_of
from simulator.sound.recordings import READ, Part

FOLDER_SETTING = "EARLID_RECORDINGS"
BESIDE = Path(__file__).parents[3] / "shared" / "voices"  # beside the checkout


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """One file: the folder of `wake/` or `other/` it lies in (its source), and which fifth of the files it is in."""

    path: Path
    part: Part
    source: str

    @property
    def fold(self) -> int:
        """0 to 4, by the file's name alone."""
        return number_of(self.path.name) % 5


def recordings_folders() -> tuple[Path, ...]:
    """Every folder of $EARLID_RECORDINGS, else ../shared/voices; () for none. Paths stand apart as in $PATH.

    Raises:
        BadFile: one of them has neither wake/ nor other/.
    """
    named = [Path(each) for each in os.environ.get(FOLDER_SETTING, "").split(os.pathsep) if each]
    found = [recordings_folder(each) for each in named] or [recordings_folder()]
    return tuple(folder for folder in found if folder is not None)


def recordings_folder(named: Path | None = None) -> Path | None:
    """What is named, else the first folder of $EARLID_RECORDINGS, else ../shared/voices beside the checkout. None where
    there is none.

    Raises:
        BadFile: a folder that was named has neither wake/ nor other/.
    """
    first = os.environ.get(FOLDER_SETTING, "").split(os.pathsep)[0]
    asked = named or (Path(first) if first else None)
    if asked is None:
        return BESIDE if (BESIDE / "wake").is_dir() else None
    if not (asked / "wake").is_dir() and not (asked / "other").is_dir():
        raise BadFile(f"{asked}: a folder of recordings has wake/ or other/ in it")
    return asked


def recordings_in(folders: Sequence[Path], part: Part) -> tuple[Recording, ...]:
    """Every FLAC, WAV and Ogg file of one part, in the order of their names."""
    found = []
    for folder in folders:
        for path in sorted((folder / part).rglob("*")):
            if path.suffix.lower() in READ and path.is_file():
                source = path.relative_to(folder / part).parts[0] if path.parent != folder / part else folder.name
                found.append(Recording(path=path, part=part, source=source))
    return tuple(found)


def fingerprint(path: Path) -> int:
    """64 bits of what a file holds: whether a model heard it can be told without the file's name."""
    return int.from_bytes(hashlib.sha256(path.read_bytes()).digest()[:8], "big")


def fingerprints(folders: Sequence[Path], leave_out: int | None = None) -> np.ndarray:
    """(count,) uint64 of every recording under wake/, without those of the fold that is left out."""
    found = (each for each in recordings_in(folders, "wake") if each.fold != leave_out)
    return np.array(sorted(fingerprint(each.path) for each in found), np.uint64)
