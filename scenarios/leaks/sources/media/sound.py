"""Reads the tags of sound and film, and the place of recording. Words that are spoken or shown are not looked for."""

import re
from collections.abc import Iterator
from typing import Any

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_BOX = re.compile(rb"\xa9xyz....([+-]\d+\.\d+)([+-]\d+\.\d+)", re.DOTALL)  # QuickTime's place, in ISO 6709
_PLACE = re.compile(r"([+-]\d{2}\.\d+)([+-]\d{3}\.\d+)")
_FILM = (b"vide", b"avc1", b"hvc1", b"mp4v", b"av01")
_MATROSKA = b"\x1aE\xdf\xa3"


def _knows(content: Content) -> bool:
    head = content.head
    if head[4:8] == b"ftyp":
        return head[8:12] not in (b"heic", b"mif1", b"avif")
    return begins(b"ID3", b"fLaC", b"OggS", b"FORM", _MATROSKA)(content) or (
        head.startswith((b"RIFF", b"RIFX")) and head[8:12] in (b"WAVE", b"AVI ")
    ) or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 in (0xE2,))  # fmt: skip


def _read(content: Content) -> Found:
    from tinytag import TinyTag, TinyTagException

    film = content.head.startswith(_MATROSKA) or content.head[8:12] == b"AVI "
    with content.open() as file:
        try:
            tags = TinyTag.get(filename=f"a{_suffix(content.head)}", file_obj=file).as_dict()
            yield Piece(data="\n".join(_lines(tags)).encode("utf-8", "replace"), label="tags", final=True)
        except (TinyTagException, FileNotFoundError):
            pass  # no tags it knows: the raw search is what there is
    for piece in content.pieces():
        film = film or (content.head[4:8] == b"ftyp" and any(mark in piece for mark in _FILM))
        for latitude, longitude in _BOX.findall(piece):
            yield Piece(data=latitude + b", " + longitude, label="place", final=True)
    if film:
        yield Unread(kind="film", name="", why="not recognised", detail="what it shows was not looked at")
    yield Unread(kind="speech", name="", why="not recognised", detail="what is said in it was not listened to")


def _lines(tags: Any) -> Iterator[str]:
    for key, value in tags.items():
        for each in value if isinstance(value, list) else [value]:
            yield f"{key}: {each}"
            for latitude, longitude in _PLACE.findall(str(each)):
                yield f"{float(latitude)}, {float(longitude)}"


def _suffix(head: bytes) -> str:
    return next((suffix for mark, at, suffix in _SUFFIXES if head.startswith(mark, at)), ".mp3")


_SUFFIXES = (
    (b"fLaC", 0, ".flac"), (b"OggS", 0, ".ogg"), (b"RIFF", 0, ".wav"), (b"ftyp", 4, ".m4a"), (b"FORM", 0, ".aiff"),
)  # fmt: skip

SOUND = Reader(kind="sound", knows=_knows, read=_read, needs=("tinytag",))
