"""Pictures and sound: what programs wrote into them, and what can be read in a picture."""

import io
import os
import shutil
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import piexif
import pytest
import soundfile
from PIL import Image, ImageDraw, PngImagePlugin
from PIL.PngImagePlugin import PngInfo

from tests.scenarios.leaks.sources.conftest import LATITUDE, LONGITUDE, NAME


def saved(picture: Image.Image, kind: str, **more: bytes | PngInfo) -> bytes:
    made = io.BytesIO()
    picture.save(made, kind, **more)
    return made.getvalue()


def parts(value: float) -> Any:
    degrees, minutes = int(abs(value)), abs(value) % 1 * 60
    return ((degrees, 1), (int(minutes), 1), (round(minutes % 1 * 60 * 10_000), 10_000))


def exif() -> bytes:
    place = {
        piexif.GPSIFD.GPSLatitudeRef: "N",
        piexif.GPSIFD.GPSLatitude: parts(LATITUDE),
        piexif.GPSIFD.GPSLongitudeRef: "W",
        piexif.GPSIFD.GPSLongitude: parts(LONGITUDE),
    }
    return piexif.dump({"GPS": place, "0th": {piexif.ImageIFD.Artist: NAME}})


PLAIN = Image.new("RGB", (20, 10))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_place_and_the_author_of_a_picture(seen: Callable[..., Any], kind: str) -> None:
    planted = seen(saved(PLAIN, kind, exif=exif()))
    assert planted.fields >= {"home.latitude", "members.name"}
    assert seen(saved(PLAIN, kind)).fields == set()


def test_packed_texts_of_a_png(seen: Callable[..., Any]) -> None:
    told = PngImagePlugin.PngInfo()
    told.add_itxt("Author", NAME, zip=True)
    told.add_text("Place", f"{LATITUDE} {LONGITUDE}", zip=True)
    assert seen(saved(PLAIN, "PNG", pnginfo=told)).fields == {"members.name", "home.latitude"}


@pytest.mark.slow
def test_the_pixels_of_a_large_png_are_no_text_and_all_around_them_is_searched(seen: Callable[..., Any]) -> None:
    large = saved(Image.new("RGB", (2_400, 2_000)), "PNG")  # unpacks to 14 MB
    for data in (large, large + b" bye"):
        assert ("text", "over bounds") not in seen(data).unread
    assert seen(large + f" of {NAME} ".encode()).fields == {"members.name"}
    chunk = f" of {NAME} ".encode()
    own = struct.pack(">I", len(chunk)) + b"eaRl" + chunk + struct.pack(">I", zlib.crc32(b"eaRl" + chunk))
    assert seen(large[:-12] + own + large[-12:]).fields == {"members.name"}


def test_a_png_that_breaks_off_is_searched_as_it_is(seen: Callable[..., Any]) -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", NAME)
    cut = saved(PLAIN, "PNG", pnginfo=told)[:-30]
    assert seen(cut).fields == {"members.name"}


def test_a_place_as_xmp_writes_it(seen: Callable[..., Any]) -> None:
    xmp = (
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:Description exif:GPSLatitude='43,20,41.4N' "
        "exif:GPSLongitude='85,51.99816W'/></x:xmpmeta>"
    )
    assert seen(saved(PLAIN, "JPEG", xmp=xmp.encode())).fields == {"home.latitude"}


def drawn() -> bytes:
    picture = Image.new("RGB", (700, 80), "white")
    ImageDraw.Draw(picture).text((20, 20), f"owner: {NAME}", fill="black", font_size=32)
    return saved(picture, "PNG")


def test_text_in_a_picture_is_read(seen: Callable[..., Any]) -> None:
    if shutil.which("tesseract") is None:
        if os.environ.get("EARLID_REQUIRE") == "all":
            pytest.fail("tesseract is not installed and EARLID_REQUIRE=all")
        pytest.skip("no program tesseract")
    found = seen(drawn())
    assert (found.fields, found.unread) == ({"members.name"}, [])


def test_a_picture_nobody_can_read_is_noted(seen: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = seen(drawn())
    assert found.unread == [("picture", "not recognised")]
    assert "tesseract" in found.result.notes[0]


@pytest.mark.parametrize(("kind", "coding"), [("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("WAV", "PCM_16")])
def test_tags_of_sound_and_that_nobody_listened(seen: Callable[..., Any], kind: str, coding: str) -> None:
    made = io.BytesIO()
    with soundfile.SoundFile(made, "w", 16_000, 1, coding, format=kind) as file:
        file.artist = NAME
        file.write(np.zeros(1_600))
    found = seen(made.getvalue())
    assert found.fields == {"members.name"}
    assert found.unread == [("speech", "not recognised")]


def test_the_place_of_a_film(seen: Callable[..., Any]) -> None:
    text = f"{LATITUDE:+08.4f}{LONGITUDE:+09.4f}/".encode()
    place = struct.pack(">I4sHH", 12 + len(text), b"\xa9xyz", len(text), 0x15C7) + text
    kind = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom")
    told = struct.pack(">I4s", 8 + len(place), b"udta") + place
    film = kind + struct.pack(">I4s", 8 + len(told), b"moov") + told + b"vide"
    found = seen(film)
    assert found.fields == {"home.latitude"}
    assert found.unread == [("film", "not recognised"), ("speech", "not recognised")]


def test_a_broken_picture_is_noted(seen: Callable[..., Any]) -> None:
    assert ("picture", "damaged") in seen(drawn()[:200]).unread
