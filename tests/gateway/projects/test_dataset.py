"""Data sets hold redacted work only, in layouts that others load, and lose what the store loses."""

import csv
import json
import os
import wave
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.clip import RedactedClip
from gateway.contract.model import Contract, load_contract
from gateway.files import BadFile
from gateway.projects.dataset import TABLES, Layout, Written, prune_dataset, write_dataset
from gateway.storage.settled import Settled
from gateway.storage.store import Annotation, Store
from gateway.wire import encode_wav

NOW = datetime(2019, 4, 20, tzinfo=UTC)
PSEUDONYM = "c0ffee11c0ffee11"
WAV = encode_wav(b"\1\2" * 800)


def contract(**review: Any) -> Contract:
    strict = load_contract("strict")
    return strict.model_copy(update={"review": strict.review.model_copy(update={"export": True} | review)})


def clip(ref: str, **fields: Any) -> RedactedClip:
    made: dict[str, Any] = {
        "recorded_on": "2019-04-10",
        "trigger": "wake_word",
        "duration_ms": 50,
        "device": PSEUDONYM,
        "customer": "A2X9",
        "given_name": "Marigold",
        "locality": "Ashland, Oregon",
        "latitude": 42.1,
        "longitude": -122.7,
        "transcript": "call [contact] now",
        "wav": WAV,
        "kept_on": "2019-04-10",
        "owner": f"sealed-{ref}",
    }
    return RedactedClip(ref=ref, **(made | fields))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(f"sqlite:///{tmp_path}/clips.db")
    for each in (
        clip("one"),
        clip("two", device="G090LF11"),
        clip("mute", wav=None, withheld="no_transcript"),
        clip("bare"),
    ):
        made.put(each, session_key=each.ref, join_tag=f"tag-{each.ref}")
    for ref, who, intent in (
        ("one", "ada", "call"),
        ("one", "bob", "music"),
        ("two", "ada", "call"),
        ("mute", "ada", "call"),
    ):
        said = Annotation(
            reviewer=who, transcription="=call Laura now", intent=intent, effective="yes", heard=["child"]
        )
        made.annotate(ref, said)
    return made


def written(store: Store, folder: Path, layout: Layout = "audiofolder", **review: Any) -> Written:
    held = Settled(store.database)
    return write_dataset(store, held.answer, contract(**review), folder, layout=layout, now=NOW)


def rows(folder: Path, name: str = "metadata.jsonl") -> dict[str, dict[str, Any]]:
    return {row["ref"]: row for row in map(json.loads, (folder / name).read_text().splitlines())}


def test_an_audiofolder_has_the_layout_that_hugging_face_loads(store: Store, tmp_path: Path) -> None:
    # One metadata.jsonl at the top, one object a line with the same keys, and file_name relative to it:
    # https://huggingface.co/docs/datasets/audio_dataset#audiofolder
    folder = tmp_path / "out"
    assert written(store, folder) == Written(clips=2, soundless=1)
    assert sorted(path.name for path in folder.iterdir()) == ["audio", "metadata.jsonl"]
    found = rows(folder)
    assert {tuple(row) for row in found.values()} == {tuple(found["one"])}
    for row in found.values():
        assert not Path(row["file_name"]).is_absolute()
        with wave.open(str(folder / row["file_name"])) as sound:
            assert (sound.getframerate(), sound.getnframes()) == (16_000, 800)


def test_a_row_has_answers_and_nobody(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    written(store, folder)
    found = rows(folder)
    one, two = found["one"], found["two"]
    assert (one["intent"], one["effective"], one["people"], one["is_settled"]) == (None, "yes", 2, False)
    assert (two["intent"], two["heard"], two["false_activation"]) == ("call", ["child"], False)
    assert two["transcription"] == "=call [contact] now"
    assert (one["device"], two["device"]) == (PSEUDONYM, None)  # what an earlier contract kept as it is stays here
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for value in (b"G090LF", b"A2X9", b"Marigold", b"42.1", b"ada", b"bob", b"Laura", b"sealed", b"tag-"):
        assert value not in everything
    said = Annotation(reviewer="lea", transcription="call", intent="message", effective="no")
    Settled(store.database).settle("one", said)
    written(store, folder)
    settled = rows(folder)["one"]
    assert (settled["intent"], settled["transcription"], settled["is_settled"]) == ("message", "call", True)
    assert "lea" not in (folder / "metadata.jsonl").read_text()


def test_all_of_it_is_its_owners_alone(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        written(store, folder)
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    assert (folder.stat().st_mode & 0o777, (folder / "audio").stat().st_mode & 0o777, modes) == (0o700, 0o700, {0o600})


def test_tables_for_programs_and_spreadsheets_have_clips_without_sound_too(store: Store, tmp_path: Path) -> None:
    assert written(store, tmp_path / "jsonl", "jsonl") == Written(clips=3, soundless=1)
    assert rows(tmp_path / "jsonl", "clips.jsonl")["mute"]["file_name"] is None
    written(store, tmp_path / "csv", "csv")
    with (tmp_path / "csv" / "clips.csv").open() as file:
        table = {row["ref"]: row for row in csv.DictReader(file)}
    assert (table["mute"]["file_name"], table["two"]["file_name"]) == ("", "audio/two.wav")
    assert table["two"]["transcription"] == "'=call [contact] now"
    assert (table["two"]["heard"], table["two"]["false_activation"]) == ("child", "false")


@pytest.mark.parametrize("layout", [*TABLES])
def test_what_is_deleted_or_withdrawn_is_deleted_there_too(store: Store, tmp_path: Path, layout: Layout) -> None:
    folder = tmp_path / "out"
    written(store, folder, layout)
    assert prune_dataset(store, contract(), folder, NOW) == 0
    store.delete_of(["sealed-one"])
    assert prune_dataset(store, contract(), folder, NOW) == 2
    left = (folder / TABLES[layout]).read_text()
    assert ("one" in left, "two" in left) == (False, True)
    store.withdraw("two", "critical_data")
    assert written(store, folder, layout).clips == (0 if layout == "audiofolder" else 1)
    assert [*(folder / "audio").iterdir()] == []


def test_a_clip_whose_time_is_over_never_leaves(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert written(store, folder, retention_days=11).clips == 2
    assert prune_dataset(store, contract(retention_days=10), folder, NOW) == 4
    assert written(store, folder, retention_days=10).clips == 0


def test_a_pseudonym_leaves_no_longer_than_it_lives(store: Store, tmp_path: Path) -> None:
    rules = contract()
    dead = rules.redact.pseudonyms.model_copy(update={"lifetime_days": 10})
    for redact in ({"pseudonyms": dead}, {"device": "drop"}, {"device": "keep"}):
        told = rules.model_copy(update={"redact": rules.redact.model_copy(update=redact)})
        write_dataset(store, Settled(store.database).answer, told, tmp_path / "out", layout="jsonl", now=NOW)
        assert {row["device"] for row in rows(tmp_path / "out", "clips.jsonl").values()} == {None}


def test_without_the_contracts_word_or_into_other_files_nothing_is_written(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with pytest.raises(BadFile, match=r"review\.export"):
        written(store, folder, export=False)
    assert not folder.exists()
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(BadFile, match="holds other files"):
        written(store, folder)
    assert (folder / "thesis.txt").read_text() == "mine"
    assert prune_dataset(store, contract(), folder, NOW) == 0
