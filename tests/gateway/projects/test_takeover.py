"""Imported clips are redacted as the contract says, and what nobody can check has no sound."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from gateway.contract.model import load_contract
from gateway.files import BadFile
from gateway.projects.clip_list import read_list
from gateway.projects.takeover import Taken, refs_table, take_in
from gateway.redact.sound.align import WordTime
from gateway.storage.store import Store

NOW = datetime(2020, 1, 2, tzinfo=UTC)
NAMED = ["send", "message", "to", "laura"]
PLAIN = ["play", "some", "music"]


class HalfSeconds:
    """An aligner that finds a word every half second, from 0.25 s on."""

    def align(self, pcm: bytes, words: Sequence[str]) -> list[WordTime] | None:
        return [WordTime(start=4_000 + 8_000 * at, end=11_000 + 8_000 * at) for at in range(len(words))]


class Lost:
    def align(self, pcm: bytes, words: Sequence[str]) -> list[WordTime] | None:
        return None


def words(said: list[str]) -> list[dict[str, object]]:
    return [{"word": word, "start_s": 0.25 + at / 2, "end_s": 0.6875 + at / 2} for at, word in enumerate(said)]


def sound(path: Path, rate: int = 16_000, channels: int = 1, seconds: float = 4.0) -> None:
    tone = 0.5 * np.sin(np.arange(int(rate * seconds)) * 2 * np.pi * 200 / rate)
    soundfile.write(path, np.column_stack([tone] * channels), rate)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path}/clips.db")


def imported(store: Store, folder: Path, *lines: dict[str, Any], aligner: Any = None) -> Taken:
    path = folder / "clips.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    contract = load_contract("strict")
    return take_in(read_list(path), store, contract, key=b"k", now=NOW, aligner=aligner or HalfSeconds())


def test_masked_words_are_covered_where_two_witnesses_agree(store: Store, tmp_path: Path) -> None:
    sound(tmp_path / "a.flac", rate=44_100, channels=2)
    taken = imported(store, tmp_path, {"file_name": "a.flac", "words": words(NAMED), "recorded_on": "2019-04-10"})
    (ref,) = store.refs()
    assert taken == Taken(new=1, known=0, withheld={}, refs={"a.flac": ref})
    assert json.loads(refs_table(taken)) == {"file_name": "a.flac", "ref": ref}
    row, wav = store.get(ref), store.audio(ref)
    assert (row["trigger"], row["recorded_on"], row["duration_ms"]) == ("imported", "2019-04-10", 4_000)
    assert (row["device"], row["customer"], row["locality"]) == (None, None, None)
    assert row["transcript"] == "send message to [contact]"
    pcm = np.frombuffer(wav[44:], np.int16)
    assert not pcm[int(1.75 * 16_000) : int(2.1875 * 16_000)].any()
    assert np.abs(pcm[int(0.3 * 16_000) : int(0.6 * 16_000)]).max() > 10_000


def test_without_times_of_the_list_the_sound_of_masked_words_is_withheld(store: Store, tmp_path: Path) -> None:
    for at in range(4):
        sound(tmp_path / f"{at}.wav", seconds=3 + at / 10)
    plain, named = " ".join(PLAIN), " ".join(NAMED)
    taken = imported(
        store,
        tmp_path,
        {"file_name": "0.wav", "text": plain},
        {"file_name": "1.wav", "text": named},
        {"file_name": "2.wav"},
        {"file_name": "3.wav", "text": plain, "lang": "tlh"},
    )
    assert taken.withheld == {"no_agreement": 1, "no_transcript": 1, "language": 1}
    assert store.audio(taken.refs["0.wav"]) is not None
    assert store.get(taken.refs["3.wav"])["transcript"] is None


def test_words_that_nobody_finds_in_the_sound_withhold_it(store: Store, tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    taken = imported(store, tmp_path, {"file_name": "a.wav", "text": "play some music"}, aligner=Lost())
    assert taken.withheld == {"untrusted_times": 1}


def test_a_clip_comes_in_once_also_after_it_was_deleted(store: Store, tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    line = {"file_name": "a.wav", "words": words(PLAIN)}
    assert imported(store, tmp_path, line).new == 1
    store.withdraw(store.refs()[0], "critical_data")
    assert imported(store, tmp_path, line) == Taken(new=0, known=1, withheld={}, refs={})
    assert store.refs() == []


def test_a_sound_that_cannot_be_read_stores_nothing_of_the_list(store: Store, tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    sound(tmp_path / "long.wav", rate=8_000, seconds=31)
    (tmp_path / "noise.wav").write_bytes(b"RIFF probe7731")
    (tmp_path / "empty.wav").write_bytes(b"")
    lines = [{"file_name": name} for name in ("a.wav", "long.wav", "noise.wav", "empty.wav")]
    with pytest.raises(BadFile) as wrong:
        imported(store, tmp_path, *lines)
    said = str(wrong.value).splitlines()
    assert [line.partition("clips.jsonl")[2].split(" ")[0] for line in said] == [":2:", ":3:", ":4:"]
    assert "up to 30 s is allowed (gate.max_clip_ms)" in said[0]
    assert "probe7731" not in str(wrong.value)
    assert store.refs() == []
