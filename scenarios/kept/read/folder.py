"""Reads JSON records from a folder. Their sound is inside them or in files beside them. Or reads sound files alone."""

import json
from collections.abc import Iterator
from pathlib import Path

from gateway.files import BadFile
from scenarios.kept.read.clip import Found
from scenarios.kept.read.paths import text_at
from scenarios.model.targets.kept import KeptFolder

MOST_RECORD, MOST_AUDIO = 64 * 1024 * 1024, 64 * 1024 * 1024


def records_in(kept: KeptFolder, beside: Path) -> Iterator[Found | str]:
    """Every record, in the order of names. A text in place of a record says what could not be read.

    Raises:
        BadFile: there is no such folder.
    """
    folder = (beside / kept.path).resolve()
    if not folder.is_dir():
        raise BadFile(f"target: kept.path: {folder} is no folder")
    for path in sorted(folder.glob(kept.records)):
        if not path.is_file():
            continue
        if not _inside(path, folder) or path.stat().st_size > MOST_RECORD:
            yield "a record is too long, or a link to outside of the folder"
            continue
        raw = path.read_bytes()
        if kept.audio is not None and kept.audio.whole:
            yield Found(data={"name": path.name, "stem": path.stem}, audio=raw)
            continue
        try:
            data = json.loads(raw)
        except (ValueError, RecursionError):
            yield "a record is not JSON"
            continue
        for each in data if isinstance(data, list) else [data]:
            audio, trouble = _beside(each, kept, path, folder)
            yield Found(data=each, raw=None if isinstance(data, list) else raw, audio=audio, trouble=trouble)


def _beside(data: object, kept: KeptFolder, path: Path, folder: Path) -> tuple[bytes | None, str | None]:
    if kept.audio is None or kept.audio.file is None:
        return None, None
    named = text_at(data, kept.audio.file)
    if not named:
        return None, "a record names no file of its sound"
    for sound in (path.parent / named, folder / named):
        if sound.is_file() and _inside(sound, folder):
            if sound.stat().st_size > MOST_AUDIO:
                return None, "a sound is longer than 64 MB"
            return sound.read_bytes(), None
    return None, "a record names a file of its sound that is not in the folder"


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder)
