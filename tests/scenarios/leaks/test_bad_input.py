"""Whatever comes, the search ends in bounded time and memory, says what it cut, and loses nothing it could read."""

import base64
import bz2
import gzip
import io
import lzma
import random
import resource
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.identities import Contact, Device, Household, Identities, Member, Place, Secret
from scenarios.leaks import detector as detector_module
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.leaks.sources.network import site
from scenarios.leaks.sources.scan import scan_targets
from scenarios.verdict import Where

HOME = control_household(3)
NAME, SERIAL = HOME.members[0].name.encode(), HOME.devices[0].serial.encode()
BODY = Where(kind="response_body", name="r")


def zipped(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", data)
    return archive.getvalue()


COMPRESS = {
    "gzip": gzip.compress, "zlib": zlib.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zip": zipped,
    "brotli": brotli.compress,
}  # fmt: skip
REPEATED = (
    "x", "X", "2", "A2", "a-", "%41", "&#65;", "\\u0041", "\\", "<a ", "<", "=41=\n", '{"a":1,', "[[", "0,", "1.234,",
    "1 ", "1-", "*1", "12.3456 ", "data: a\n", "one ", "a b c ", "~", "<~", "PK\x03\x04", "RIFF....WAVE", "é", "\x00a",
    "5 d 12'", "N 48 ", "aA1/", "=", "zz;", "((((", "9q8yy ", "8FVC+22 ", "/17/1234/", "xx1", "\U0001f600",
)  # fmt: skip


def fields(detector: LeakDetector, data: bytes) -> set[str]:
    return {finding.field for finding in detector.scan_bytes(data, BODY)}


@pytest.mark.parametrize("name", COMPRESS)
def test_a_cut_or_broken_archive_hides_nothing_beside_it(detector: LeakDetector, name: str) -> None:
    rng = random.Random(name)
    whole = COMPRESS[name](NAME + b" " + rng.randbytes(300))
    for at in range(1, len(whole), 23):
        broken = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        for data in (whole[:at], broken):
            assert "devices.serial" in fields(detector, data + b" " + SERIAL + b" ")
            assert "devices.serial" in fields(detector, SERIAL + b" " + data)


@pytest.mark.parametrize("name", COMPRESS)
def test_a_bomb_is_noted_and_hides_nothing_beside_it(detector: LeakDetector, name: str) -> None:
    bomb = COMPRESS[name](NAME + b" " * 30_000_000)
    start = time.process_time()
    searched = detector.search(
        Haystack(parts=(Part(kind="body", name="r", data=bomb), Part(kind="body", name="s", data=SERIAL)))
    )
    assert {finding.field for finding in searched.findings} == {"members.name", "devices.serial"}
    assert searched.notes
    assert time.process_time() - start < 15


@pytest.mark.parametrize("text", REPEATED)
def test_endless_repetition_ends(detector: LeakDetector, text: str) -> None:
    data = text.encode("latin-1", "ignore") if "\x1f" in text else text.encode()
    data = data * (40_000 // len(data)) + b"\n" + SERIAL + b"\n" + data
    start = time.process_time()
    assert "devices.serial" in fields(detector, data)
    assert time.process_time() - start < 4


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_bytes_that_are_no_text_hide_nothing(detector: LeakDetector, before: bytes, after: bytes) -> None:
    edge = b"\xff\n"  # never a letter or a digit, in any reading
    assert "devices.serial" in fields(detector, before + edge + SERIAL + edge + after)


_ODD = ["", " ", "A", "Will", "April", "\U0001f600 \U0001f680", "\u0000", "\u200b", "\u0130", "\u00df" * 9]
_TEXT = st.text(max_size=12) | st.sampled_from(_ODD)
SENTENCE = "Will you play April in Paris? A B C \U0001f600"


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(_TEXT, min_size=8, max_size=8), st.binary(max_size=200))
def test_no_identity_breaks_the_search_or_is_found_everywhere(texts: list[str], noise: bytes) -> None:
    # Hypothesis also draws string constants of the product. One that stands in the sentence is rightly found.
    assume(not any(" " in text.strip() and text.strip().casefold() in SENTENCE.casefold() for text in texts))
    home = Household(
        household_id="H",
        customer_id=texts[0],
        devices=(Device(site_id="kitchen-1", serial=texts[1]),),
        home=Place(street=texts[2], city=texts[3], latitude=0.0, longitude=0.0),
        members=(Member(person_id="p", name=texts[4], given_name=texts[5], emails=(texts[6],)),),
        contacts=(Contact(name=texts[7]),),
        secrets=(Secret(kind="other", value=texts[0]),),
    )
    hostile = LeakDetector(Identities(schema=1, households=(home, HOME)))
    assert "devices.serial" in fields(hostile, noise + b"\n" + SERIAL + b"\n")
    accused = hostile.scan_bytes(SENTENCE.encode(), BODY)
    # A given name beside the town of the same home is a low finding, whatever the words are.
    assert {finding.severity for finding in accused} <= {"low"}


def test_a_value_of_any_length_can_be_looked_for() -> None:
    home = Household(household_id="H", contacts=(Contact(name="Ann " + "Leewood" * 20_000),))
    detector = LeakDetector(Identities(schema=1, households=(home,)))
    assert fields(detector, b"for Ann " + b"Leewood" * 20_000) == {"contacts.name"}


def test_long_parts_are_searched_piece_by_piece(detector: LeakDetector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector_module, "PIECE", 100_000)
    monkeypatch.setattr(detector_module, "OVERLAP", 1_000)
    data = b"x " * 49_995 + NAME + b" y" * 100_000 + b" " + SERIAL
    searched = detector.search(Haystack(parts=(Part(kind="body", name="r", data=data),)))
    assert [(f.field, f.where.offset) for f in searched.findings] == [
        ("members.name", 99_990),
        ("devices.serial", len(data) - len(SERIAL)),
    ]
    assert searched.notes == ()


def test_an_answer_without_end_is_left_in_time(
    tmp_path: Path, known: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endless(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                self.wfile.write(b"for " + NAME + b" ")
                while True:
                    self.wfile.write(b"and so on " * 1_000)
            except OSError:
                self.close_connection = True

        def log_message(self, *args: str) -> None:
            pass

    monkeypatch.setattr(site, "MAX_BYTES", 300_000)
    (tmp_path / "ids.json").write_bytes(known.to_json())
    with HTTPServer(("127.0.0.1", 0), Endless) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        result = scan_targets(tmp_path / "ids.json", [f"http://127.0.0.1:{server.server_port}/"])
        thread.join()
    assert [finding.field for finding in result.findings] == ["members.name"]
    assert any("there was no end" in note for note in result.notes)


GIGABYTE = """
import resource, sys
from pathlib import Path
from scenarios.leaks.sources.scan import scan_targets

class Long:
    left = 1_000_000_000
    def read(self, size):
        size = min(size, self.left)
        self.left -= size
        piece = b"turn on the lights please " * (size // 26 + 1)
        return piece[:size] if self.left or not size else piece[: size - 40] + b" " + sys.argv[2].encode()

result = scan_targets(Path(sys.argv[1]), ["-"], stdin=Long())
print(len(result.findings), result.bytes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.soak
def test_a_gigabyte_needs_no_gigabyte(tmp_path: Path, known: Any) -> None:
    (tmp_path / "ids.json").write_bytes(known.to_json())
    command = [sys.executable, "-c", GIGABYTE, tmp_path / "ids.json", SERIAL.decode()]
    findings, size, peak = map(
        int,
        subprocess.run(command, capture_output=True, check=True, timeout=900).stdout.split(),  # type: ignore[arg-type]
    )
    print(f"\na gigabyte: peak memory {peak} MB")  # noqa: T201
    assert (findings, size > 999_000_000) == (1, True)
    assert peak < 700


@pytest.mark.soak
def test_random_chains_of_damage_never_raise_or_linger(detector: Any) -> None:
    """Archives, encodings and damage at random for ten minutes; the value beside them is found every time."""
    rng, until, tried = random.Random(7), time.monotonic() + 600, 0
    steps = [*COMPRESS.values(), base64.b64encode, base64.b85encode, base64.b32encode, lambda data: data.hex().encode()]
    while time.monotonic() < until:
        data = rng.choice(REPEATED).encode() * rng.randrange(2_000) + NAME + rng.randbytes(rng.randrange(400))
        for _ in range(rng.randrange(6)):
            data = rng.choice(steps)(data)
            for _ in range(rng.randrange(3)):
                at = rng.randrange(len(data) + 1)
                data = rng.choice([data[:at], data[:at] + rng.randbytes(3) + data[at:], data[at:]])
        start = time.process_time()
        assert "devices.serial" in fields(detector, data + b"\xff\n" + SERIAL + b"\n")
        assert time.process_time() - start < 20
        tried += 1
    assert tried > 1_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2_000_000
