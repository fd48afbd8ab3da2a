"""Exports hold redacted work only, and lose what the store loses."""

import json
from pathlib import Path

import pytest

from gateway.clip import RedactedClip
from gateway.contract.model import Contract, load_contract
from gateway.files import BadFile
from gateway.storage.export import export, prune
from gateway.storage.sampling import sampled
from gateway.storage.store import Annotation, Store
from gateway.wire import encode_wav

WAV = encode_wav(b"\1\2" * 800)


def contract(export: bool = True, sampling: float = 1.0) -> Contract:
    strict = load_contract("strict")
    return strict.model_copy(
        update={"review": strict.review.model_copy(update={"export": export, "sampling": sampling})}
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path}/clips.db")
    for ref in ("one", "two", "bare"):
        clip = RedactedClip(
            ref=ref,
            recorded_on="2019-04-10",
            trigger="wake_word",
            duration_ms=50,
            device="c0ffee11c0ffee11",
            customer="A2X9",
            given_name="Marigold",
            latitude=42.1,
            longitude=-122.7,
            transcript="call [contact] now",
            wav=WAV,
            kept_on="2019-04-10",
            owner=f"sealed-{ref}",
        )
        store.put(clip, session_key=ref, join_tag=f"tag-{ref}")
    for ref in ("one", "two"):
        note = Annotation(reviewer="ada", transcription="call Laura now", intent="call", effective="yes")
        store.annotate(ref, note)
    return store


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_annotated_clips_leave_without_whom_they_lead_to(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert export(store, contract(), folder) == 2
    assert names(folder) == ["one.json", "one.wav", "two.json", "two.wav"]
    assert (folder / "one.wav").read_bytes() == WAV
    told = json.loads((folder / "one.json").read_bytes())
    assert told["transcript"] == "call [contact] now"
    assert told["annotations"][0]["note"] == "call [contact] now"
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    for value in (b"c0ffee", b"A2X9", b"Marigold", b"42.1", b"ada", b"Laura", b"sealed", b"tag-"):
        assert value not in everything
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_what_is_deleted_or_withdrawn_is_deleted_there_too(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export(store, contract(), folder)
    store.delete_of(["sealed-one"])
    assert prune(store, contract(), folder) == 2
    assert names(folder) == ["two.json", "two.wav"]
    store.withdraw("two", "critical_data")
    assert export(store, contract(), folder) == 0
    assert names(folder) == []


def test_without_the_contracts_word_nothing_leaves(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with pytest.raises(BadFile, match=r"review\.export"):
        export(store, contract(export=False), folder)
    assert not folder.exists()
    export(store, contract(), folder)
    assert prune(store, contract(export=False), folder) == 4


def test_the_sample_counts_here_as_well(store: Store, tmp_path: Path) -> None:
    share = 0.5
    inside = [ref for ref in ("one", "two") if sampled(ref, share)]
    assert export(store, contract(sampling=share), tmp_path / "out") == len(inside)
