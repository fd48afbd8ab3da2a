"""The list of readers, and what all of them return: labelled clips, within bounds."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scenarios.kept.read.clip import Found, KeptClip, Read
from scenarios.kept.read.paths import MISSING, at, number_at, text_at, without
from scenarios.model.targets.kept import KeptNone, Readable
from scenarios.model.targets.target_file import Own

MOST_CLIPS = 100_000
MOST_SOUND = 2 * 1024 * 1024 * 1024  # bytes, of all clips together


def _folder(kept: Any, beside: Path) -> Iterator[Found | str]:
    from scenarios.kept.read.folder import records_in

    return records_in(kept, beside)


def _s3(kept: Any, beside: Path) -> Iterator[Found | str]:
    from scenarios.kept.read.s3 import objects_below

    return objects_below(kept, beside)


def _sql(kept: Any, beside: Path) -> Iterator[Found | str]:
    from scenarios.kept.read.sql import rows_of

    return rows_of(kept, beside)


def _http(kept: Any, beside: Path) -> Iterator[Found | str]:
    from scenarios.kept.read.http import records_at

    return records_at(kept, beside)


READERS: Mapping[str, Callable[[Any, Path], Iterator[Found | str]]] = MappingProxyType(
    {"folder": _folder, "s3": _s3, "sql": _sql, "http": _http, "none": lambda _kept, _beside: iter(())}
)


def read_kept(target: Own, beside: Path) -> Read:
    """Every kept clip. What could not be read is a note.

    Raises:
        BadFile: a folder, file or credential is missing. Unreadable: the target does not answer as declared.
    """
    kept = target.kept
    clips: list[KeptClip] = []
    notes: Counter[str] = Counter()
    size = 0
    if isinstance(kept, KeptNone):
        return Read(clips=())
    for found in READERS[kept.kind](kept, beside):
        if isinstance(found, str):
            notes[found] += 1
            continue
        clip = _labelled(found, kept, len(clips) + 1)
        size += len(clip.record) + len(clip.audio or b"")
        if len(clips) >= MOST_CLIPS or size > MOST_SOUND:
            notes["there is more than is read at once: clips after the bound"] += 1
            break
        clips.append(clip)
        if clip.trouble:
            notes[clip.trouble] += 1
    return Read(clips=tuple(clips), notes=tuple(f"{what} ({count} times)" for what, count in sorted(notes.items())))


def _labelled(found: Found, kept: Readable, number: int) -> KeptClip:
    """A record as a clip. The sound is taken out of it; the rest stays as it is."""
    data, audio, trouble, raw = found.data, found.audio, found.trouble, found.raw
    inside = kept.audio.base64 if kept.audio else None
    if inside is not None:
        value = at(data, inside)
        audio = _decoded(value)
        if audio is None:
            trouble = "a record has no base64 sound where kept.audio says"
        elif value is not MISSING:
            data, raw = without(data, inside), None
    return KeptClip(
        label=f"kept-{number:04d}",
        id=text_at(data, kept.id),
        session=text_at(data, kept.session),
        text=text_at(data, kept.text),
        redacted=text_at(data, kept.redacted),
        pseudonym=text_at(data, kept.pseudonym),
        day=text_at(data, kept.day),
        place=text_at(data, kept.place),
        latitude=number_at(data, kept.latitude),
        longitude=number_at(data, kept.longitude),
        given_name=text_at(data, kept.given_name),
        record=raw if raw is not None else json.dumps(data, default=_shown, ensure_ascii=False).encode(),
        audio=audio,
        trouble=trouble,
    )


def _decoded(value: object) -> bytes | None:
    """Base64 of either alphabet, with or without padding, also as a data: address."""
    if not isinstance(value, str) or not value:
        return None
    text = value.partition(",")[2] if value.startswith("data:") else value
    text = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _shown(value: object) -> str:
    """A value that JSON cannot hold. Bytes become base64, so that the search looks into them."""
    return base64.b64encode(bytes(value)).decode() if isinstance(value, bytes | memoryview) else str(value)
