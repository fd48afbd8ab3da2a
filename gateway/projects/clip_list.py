"""Reads another team's list of clips: JSON lines or CSV, one clip a line.

Every fault is told as `file:line: key: what is allowed`.
"""

import csv
import datetime
import io
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe_fault

# What other tools call these keys: Common Voice, NeMo, Kaldi-like manifests.
_OTHER_NAMES = {"path": "file_name", "audio_filepath": "file_name", "text": "transcript", "sentence": "transcript"}
_SOUNDS = (".wav", ".flac")
_MOST_FAULTS = 50


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Word(_Model):
    """One word and where it is, in seconds of the sound."""

    word: str = Field(min_length=1, max_length=200)
    start_s: float = Field(ge=0, le=3_600)
    end_s: float = Field(ge=0, le=3_600)


class Entry(_Model):
    """One clip. `file_name` is relative to the list's folder. With `words` the transcript is made of them.

    Without words and transcript nobody can say what is in the sound. `recorded_on` is a day.
    """

    file_name: str = Field(min_length=1, max_length=500)
    transcript: str | None = Field(default=None, max_length=5_000)
    words: tuple[Word, ...] = Field(default=(), max_length=1_000)
    lang: str | None = Field(default=None, max_length=20)
    recorded_on: datetime.date | None = None


class Listed(msgspec.Struct, frozen=True):
    """An entry, its line for messages (`list.jsonl:3`), and the file of its sound."""

    at: str
    entry: Entry
    sound: Path


def read_list(path: Path, leave_out: Collection[str] = ()) -> list[Listed]:
    """Every clip of the list. `leave_out` names keys to drop, because unknown ones are refused.

    Raises:
        BadFile: one line for each fault, 50 at most. Values are not quoted.
    """
    found: list[Listed] = []
    faults: list[str] = []
    for line, row in _rows(path):
        at = f"{path}:{line}"
        try:
            if isinstance(row, str):
                raise _Fault(row)
            entry = _entry(row, leave_out)
            found.append(Listed(at, entry, _sound(path.parent, entry.file_name)))
        except _Fault as fault:
            faults.append(f"{at}: {fault}")
    seen: dict[Path, str] = {}
    for each in found:
        if each.sound in seen:
            faults.append(f"{each.at}: file_name: stands in {seen[each.sound].rpartition(':')[2]} as well")
        seen[each.sound] = each.at
    if not found and not faults:
        faults = [f"{path}: no clip in it"]
    if faults:
        more = [f"{path}: {len(faults) - _MOST_FAULTS} more faults"] if len(faults) > _MOST_FAULTS else []
        raise BadFile("\n".join([*faults[:_MOST_FAULTS], *more]))
    return found


class _Fault(Exception):
    """A key and what is allowed there."""


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """(line, object or fault) of every line that is not empty."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise BadFile(f"{path}: not UTF-8 text") from None
    if path.suffix == ".csv":
        reader = csv.DictReader(io.StringIO(text, newline=""), restkey="")
        try:
            for row in reader:
                yield (
                    reader.line_num,
                    "more cells than the first line names" if "" in row else {k: v for k, v in row.items() if v},
                )
        except csv.Error:
            yield reader.line_num, "not CSV"
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield number, msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.ValidationError:
                yield number, "not a JSON object"
            except (msgspec.DecodeError, UnicodeDecodeError):
                yield number, "not JSON"


def _entry(row: dict[str, Any], leave_out: Collection[str]) -> Entry:
    named: dict[str, Any] = {}
    for key, value in row.items():
        name = _OTHER_NAMES.get(key, key)
        if key in leave_out:
            continue
        if name in named:
            raise _Fault(f"{key}: the same as another key of this line ({name})")
        named[name] = value
    try:
        return Entry.model_validate(named)
    except pydantic.ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        hint = "; --leave-out KEY drops a key" if fault["type"] == "extra_forbidden" else ""
        raise _Fault(describe_fault(fault, Entry) + hint) from None


def _sound(folder: Path, name: str) -> Path:
    """The file of a clip. It lies below the folder, also behind links."""
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts or "\0" in name:
        raise _Fault("file_name: a path below the list's folder is wanted")
    if inside.suffix.lower() not in _SOUNDS:
        raise _Fault(f"file_name: allowed: files that end in {' or '.join(_SOUNDS)}")
    path = (folder / inside).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise _Fault("file_name: a path below the list's folder is wanted")
    if not path.is_file():
        raise _Fault("file_name: no such file in the list's folder")
    return path
