"""A needle file finds what its identities find, shows nobody anything, and is refused where it does not fit."""

import base64
import hashlib
import json
import os
import pickle
import stat
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.leaks import needle_file
from scenarios.leaks.controls import control_household
from scenarios.leaks.known import Known
from scenarios.leaks.needle_file import MAGIC, Kept, is_needle_file, read_needles, write_needles
from scenarios.leaks.needles.needles import join_tag_needles, needles_of
from scenarios.leaks.searchable import digest_of, labels_of, open_searchable
from scenarios.verdict import Where

BODY = Where(kind="response_body", name="GET /x")
KEY = b"k" * 32


@pytest.fixture(scope="module")
def sealed(known: Identities, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sealed") / "ids.needles"
    write_needles(path, kept(known), Path(f"{path}.key"))
    return path


@pytest.fixture
def copied(sealed: Path, tmp_path: Path) -> Path:
    path = tmp_path / "ids.needles"
    path.write_bytes(sealed.read_bytes())
    key = Path(f"{path}.key")
    key.write_bytes(Path(f"{sealed}.key").read_bytes())
    key.chmod(0o600)
    return path


def kept(known: Identities) -> Kept:
    return Kept(known=Known(known), digest=digest_of(known), labels=labels_of(known))


def texts(known: Identities, strangers: Identities) -> Iterator[bytes]:
    whole = known.to_json()
    yield from (whole, base64.b64encode(whole), whole.hex().encode(), whole[::-1], whole.upper(), strangers.to_json())
    for home in known.households[:5]:
        person = home.members[0]
        yield hashlib.sha256(person.emails[0].encode()).hexdigest().encode()
        street = home.home.street if home.home else ""
        yield f"{person.given_name} of {street}, call (***) ***-{person.phones[0][-4:]}".encode()
        if home.home:
            yield f'{{"lat": {home.home.latitude}, "lon": {home.home.longitude}}}'.encode()
            yield struct.pack("<d", home.home.latitude) * 3


def test_the_same_findings_as_from_the_identities(sealed: Path, known: Identities, strangers: Identities) -> None:
    ours = open_searchable(sealed)
    plain = Path(f"{sealed}.json")
    plain.write_bytes(known.to_json())
    theirs = open_searchable(plain)
    assert (ours.digest, ours.labels) == (theirs.digest, theirs.labels)
    one, other = ours.detector(key=KEY), theirs.detector(key=KEY)
    assert (one.fields, one.left_out, one.needle_count) == (other.fields, other.left_out, other.needle_count)
    found = [(one.scan_bytes(text, BODY), other.scan_bytes(text, BODY)) for text in texts(known, strangers)]
    assert all(sorted(mine, key=str) == sorted(yours, key=str) for mine, yours in found)
    assert sum(bool(mine) for mine, _ in found) > 15


def test_what_a_search_process_adds_is_found_too(sealed: Path, known: Identities) -> None:
    control = control_household(4711)
    detector = open_searchable(sealed).detector(beside=control, extra=join_tag_needles(["tag8f2e6c1d9b04"]))
    text = f"{control.members[0].name}, {known.households[3].members[0].emails[0]}, tag8f2e6c1d9b04".encode()
    assert {finding.household_id for finding in detector.scan_bytes(text, BODY)} == {"CONTROL", "H03", "HARNESS"}


def forms(value: str) -> Iterator[bytes]:
    plain = value.encode()
    for text in (plain, value.lower().encode(), value.upper().encode(), value.encode("utf-16-le"), plain[::-1]):
        yield from (text, text.hex().encode(), text.hex().upper().encode())
        yield from (base64.b64encode(b"x" * at + text)[(4 * at + 2) // 3 : -3] for at in range(3))


def values(known: Identities) -> Iterator[bytes]:
    for needle in needles_of(known).needles:
        for value in {needle.value, needle.key, "".join(filter(str.isdigit, needle.value))}:
            yield from (form for form in forms(value) if len(value) > 4)
    for home in known.households:
        if home.home and home.home.latitude and home.home.longitude:
            for number in (home.home.latitude, home.home.longitude):
                yield from (str(number).encode(), struct.pack("<d", number), struct.pack(">d", number))


def within(data: bytes, wanted: set[bytes]) -> list[bytes]:
    begins = {data[at : at + 5] for at in range(len(data))}
    return [form for form in wanted if len(form) > 4 and form[:5] in begins and form in data]


def test_no_value_can_be_read(sealed: Path, known: Identities, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_for = set(values(known))
    assert len(looked_for) > 5_000
    data = sealed.read_bytes()
    assert within(data, looked_for) == []
    # The same look finds values where nothing is sealed: Hyperscan's own databases hold them as they are.
    open_ = pickle.dumps(kept(known), 5)
    assert len(within(open_, looked_for)) > 500


def test_only_its_owner_may_read_it(sealed: Path) -> None:
    for path in (sealed, Path(f"{sealed}.key")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_one_key_seals_differently_each_time(copied: Path, known: Identities) -> None:
    before = copied.read_bytes()
    write_needles(copied, kept(known), Path(f"{copied}.key"))
    assert copied.read_bytes() != before
    read_needles(copied)


@pytest.mark.parametrize("at", [len(MAGIC) + 5, -1, -16, -5_000, "half"])
def test_a_damaged_file(copied: Path, at: int | str) -> None:
    data = bytearray(copied.read_bytes())
    if isinstance(at, str):
        data = data[: len(data) // 2]
    else:
        data[at] ^= 1
    copied.write_bytes(data)
    refused(copied, "build it anew")


@pytest.mark.parametrize("data", [MAGIC, MAGIC + b"{}\n", MAGIC + b"[1]\nx", MAGIC + b"\xff" * 9_000])
def test_no_head(copied: Path, data: bytes) -> None:
    copied.write_bytes(data)
    refused(copied, "damaged head")


@pytest.mark.parametrize("name", ["earlid", "code", "hyperscan", "machine"])
def test_built_by_another(copied: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    here = needle_file._fitting()
    monkeypatch.setattr(needle_file, "_fitting", lambda: {**here, name: "9.9"})
    refused(copied, r"built by another .* \(9\.9\); build it anew")


def test_a_changed_head_is_seen(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head, rest = copied.read_bytes()[len(MAGIC) :].split(b"\n", 1)
    copied.write_bytes(MAGIC + json.dumps({**json.loads(head), "more": 1}).encode() + b"\n" + rest)
    refused(copied, "not sealed with the key in")


def _other(key: Path) -> None:
    key.write_text("ab" * 32)


def _short(key: Path) -> None:
    key.write_text("ab")


def _open(key: Path) -> None:
    key.chmod(0o644)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_other, "not sealed with the key in"),
        (_short, "64 hex digits"),
        (_open, "chmod 600"),
        (Path.unlink, "wanted: the key"),
    ],
)
def test_a_wrong_key(copied: Path, spoil: Callable[[Path], None], why: str) -> None:
    spoil(Path(f"{copied}.key"))
    refused(copied, why)


def test_the_key_may_lie_elsewhere(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    Path(f"{copied}.key").rename(elsewhere)
    monkeypatch.setenv("EARLID_NEEDLES_KEY", str(elsewhere))
    assert read_needles(copied).digest


class _Bad:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch made",)


@pytest.mark.parametrize("content", [_Bad(), {"a": 1}, Where(kind="a", name="b")])
def test_other_content_is_never_made(copied: Path, monkeypatch: pytest.MonkeyPatch, content: object) -> None:
    monkeypatch.chdir(copied.parent)
    write_needles(copied, content, Path(f"{copied}.key"))  # type: ignore[arg-type]
    refused(copied, "something else")
    assert not (copied.parent / "made").exists()


def test_what_is_no_needle_file(tmp_path: Path, known: Identities) -> None:
    (tmp_path / "ids.json").write_bytes(known.to_json())
    assert not is_needle_file(tmp_path / "ids.json")
    assert not is_needle_file(tmp_path / "nothing")
    assert not is_needle_file(tmp_path)


def refused(path: Path, why: str) -> None:
    with pytest.raises(BadFile, match=why) as caught:
        open_searchable(path)
    assert str(path.parent) in str(caught.value)
    assert "\n" not in str(caught.value)
