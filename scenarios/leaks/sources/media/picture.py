"""Pictures -> what a camera or program wrote into them, the place as degrees, and the text and codes that
can be read in them."""

import os
import re
import warnings
from collections.abc import Iterator
from typing import Any

from scenarios.leaks.sources.media.recognition import codes_in, text_in
from scenarios.leaks.sources.reader.content import STEP, Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_PLACE, _CAMERA = 0x8825, 0x8769  # directories within EXIF
_XMP_PLACE = re.compile(r"GPS(?:Dest)?(Latitude|Longitude)\W+?(\d+),(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?([NSEW])")
_TALL, _WIDE = 12, 24  # pixels below which no text can be read in a picture
_PNG = b"\x89PNG\r\n\x1a\n"
_CHUNK_HEAD, _CHECKSUM = 8, 4  # bytes
_MARKS = (
    _PNG,
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",
    b"MM\x00*",
    b"BM",
    b"8BPS",
    b"qoif",
    b"\x00\x00\x00\x0cjP  ",
)
# Portable bitmaps: a letter and a digit, width and height.
_PORTABLE = re.compile(rb"P[1-6]\s+(?:#[^\n]{0,200}\n\s*)*[0-9]{1,5}\s+(?:#[^\n]{0,200}\n\s*)*[0-9]{1,5}\s")


def _knows(content: Content) -> bool:
    head = content.head
    if head.startswith(b"BM"):
        return int.from_bytes(head[2:6], "little") == content.size
    if _PORTABLE.match(head) or head.startswith(b"ftypavif", 4):
        return True
    return begins(*_MARKS)(content) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")


def _read(content: Content) -> Found:
    from PIL import Image

    with warnings.catch_warnings(), content.open() as file:
        warnings.simplefilter("ignore")  # of size and of odd tags
        picture = Image.open(file)
        told = list(_written(picture))
        picture.load()  # chunks behind the picture are read now
        told += [f"{key}: {value}" for key, value in getattr(picture, "text", {}).items()]
        yield Piece(data="\n".join(told).encode("utf-8", "replace"), label="tags", final=True)
        for at in range(min(getattr(picture, "n_frames", 1), 20)):
            picture.seek(at)
            yield from _drawn(picture)


def _drawn(picture: Any) -> Found:
    if picture.width < _WIDE or picture.height < _TALL:
        return
    for held in codes_in(picture):
        yield Piece(data=held, label="code in it", final=True)
    text = text_in(picture)
    if text is None:
        detail = "text in it was not looked for: needs the program tesseract"
        yield Unread(kind="picture", name="", why="not recognised", detail=detail)
    elif text.strip():
        yield Piece(data=text.encode("utf-8", "replace"), label="text in it", final=True)


def _written(picture: Any) -> Iterator[str]:
    """EXIF by its tags, IPTC, XMP, comments."""
    from PIL import IptcImagePlugin

    exif = picture.getexif()
    for tags in (exif, exif.get_ifd(_CAMERA), exif.get_ifd(_PLACE)):
        yield from (_shown(value) for value in tags.values())
    yield from _degrees(exif.get_ifd(_PLACE))
    for value in (IptcImagePlugin.getiptcinfo(picture) or {}).values():
        yield from map(_shown, value if isinstance(value, list) else [value])
    for key, value in picture.info.items():
        shown = _shown(value)
        yield shown
        if key in ("xmp", "XML:com.adobe.xmp"):
            yield from _xmp_place(shown)


def _shown(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _degrees(tags: Any) -> Iterator[str]:
    """The place in degrees (EXIF 2.32, 4.6.6): three rationals and a letter for each of latitude and longitude. A
    second pair is the destination.
    """
    for first in (1, 19):
        try:
            pair = [_signed(tags[first + 1], tags[first]), _signed(tags[first + 3], tags[first + 2])]
        except (KeyError, TypeError, ValueError, ZeroDivisionError):
            continue
        yield f"{pair[0]:.7f}, {pair[1]:.7f}"


def _signed(parts: Any, letter: str) -> float:
    degrees: float = sum(float(part) / 60.0**at for at, part in enumerate(parts))
    return -degrees if letter[:1] in "SW" else degrees


def _xmp_place(text: str) -> Iterator[str]:
    """XMP, part 2, GPSCoordinate: "DDD,MM,SSk" or "DDD,MM.mmk"."""
    found = {
        axis: (int(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600) * (-1 if letter in "SW" else 1)
        for axis, degrees, minutes, seconds, letter in _XMP_PLACE.findall(text)
    }
    if len(found) == 2:
        yield f"{found['Latitude']:.7f}, {found['Longitude']:.7f}"


def _around_pixels(content: Content) -> Iterator[bytes]:
    """A picture's own bytes. Those of a PNG come without its pixels: they unpack to megabytes in which no text stands.

    A chunk is its length, its kind, its data and a checksum (PNG, 5.3). Behind the last one everything is given.
    """
    if not content.head.startswith(_PNG):
        yield from content.pieces()
        return
    with content.open() as file:
        yield file.read(len(_PNG))
        while head := file.read(_CHUNK_HEAD):
            size, kind = int.from_bytes(head[:4], "big") + _CHECKSUM, head[4:]
            whole = file.tell() + size <= content.size
            if kind == b"IDAT" and whole:
                file.seek(size, os.SEEK_CUR)
                continue
            yield head
            if kind == b"IEND" or not whole:
                break
            for at in range(0, size, STEP):
                yield file.read(min(STEP, size - at))
        yield from iter(lambda: file.read(STEP), b"")


PICTURE = Reader(kind="picture", knows=_knows, read=_read, needs=("PIL", "zxingcpp"), own=_around_pixels)
