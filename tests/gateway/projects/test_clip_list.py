"""Lists of other teams: their usual keys are known, and every fault is told with its line and key."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.files import BadFile
from gateway.projects.clip_list import read_list

GOOD = {"file_name": "a.wav", "transcript": "call home"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name in ("a.wav", "b.flac", "sub/c.WAV"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def listed(folder: Path, *lines: object) -> Path:
    path = folder / "clips.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def test_json_lines_with_the_keys_of_other_tools(folder: Path) -> None:
    word = {"word": "hi", "start_s": 0.1, "end_s": 0.4}
    path = listed(
        folder,
        GOOD | {"recorded_on": "2019-04-10", "words": [word]},
        "",
        {"audio_filepath": "b.flac", "text": "hi", "lang": "en", "duration": 2.0},
        {"path": "sub/c.WAV", "sentence": "hello"},
    )
    one, two, three = read_list(path, ["duration"])
    assert (one.entry.transcript, one.entry.words[0].word, str(one.entry.recorded_on)) == (
        "call home",
        "hi",
        "2019-04-10",
    )
    assert (two.entry.transcript, two.entry.lang, two.at) == ("hi", "en", f"{path}:3")
    assert three.sound == folder / "sub" / "c.WAV"


def test_csv_with_empty_cells_and_a_line_break_in_a_cell(folder: Path) -> None:
    path = folder / "clips.csv"
    path.write_text('file_name,transcript,lang\na.wav,"call\nhome",\nb.flac,hi,en\n')
    assert [(each.entry.transcript, each.entry.lang) for each in read_list(path)] == [
        ("call\nhome", None),
        ("hi", "en"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", ":2: not JSON"),
        ("[]", ":2: not a JSON object"),
        ({}, ":2: file_name: is wanted, and is not there"),
        (
            GOOD | {"file_name": "b.flac", "speaker": "probe7731"},
            ":2: speaker: unknown key; allowed: file_name, lang, recorded_on, transcript, words; --leave-out KEY",
        ),
        (GOOD | {"file_name": "b.flac", "text": "x"}, ":2: text: the same as another key"),
        ({"file_name": "/etc/probe7731.wav"}, ":2: file_name: a path below"),
        ({"file_name": "../probe7731.wav"}, ":2: file_name: a path below"),
        ({"file_name": "out.wav"}, ":2: file_name: a path below"),
        ({"file_name": "probe7731.wav"}, ":2: file_name: no such file"),
        ({"file_name": "probe7731.mp3"}, ":2: file_name: allowed: files that end in .wav or .flac"),
        ({"file_name": "b.flac", "recorded_on": "probe7731"}, ":2: recorded_on: "),
        (
            {"file_name": "b.flac", "words": [{"word": "a", "start_s": "probe7731", "end_s": 1}]},
            ":2: words.0.start_s: ",
        ),
        (GOOD, ":2: file_name: stands in 1 as well"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_key_and_never_quoted(folder: Path, line: object, said: str) -> None:
    (folder / "out.wav").symlink_to("/etc/hostname")
    path = listed(folder, GOOD, line)
    with pytest.raises(BadFile) as wrong:
        read_list(path)
    assert str(wrong.value).startswith(f"{path}{said}")
    assert "probe7731" not in str(wrong.value)


def test_faults_are_told_all_at_once_and_an_empty_list_is_one(folder: Path) -> None:
    with pytest.raises(BadFile) as wrong:
        read_list(listed(folder, *["{"] * 60))
    assert str(wrong.value).count("\n") == 50
    for text, why in (("", "no clip in it"), ("file_name\na.wav,x,y\n", ":2: more cells"), ("\xff", "no clip")):
        path = folder / "clips.csv"
        path.write_text(text)
        with pytest.raises(BadFile, match=why):
            read_list(path)
    with pytest.raises(BadFile, match="No such file"):
        read_list(folder / "gone.jsonl")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.sampled_from(["clips.jsonl", "clips.csv"]), st.binary(max_size=80))
def test_any_bytes_are_a_list_or_one_error(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(b"file_name\n" * (name == "clips.csv") + data)
    with pytest.raises(BadFile):
        read_list(folder / name)
