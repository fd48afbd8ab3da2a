"""Writes annotated clips as a data set: one table, the sound as WAV files beside it, and no identity.

A row has what a lead may read, under the clip's random reference. Free text passes the transcript operator. A device's
pseudonym goes along only while the contract lets the store keep it. Clips that were withdrawn, deleted, or are due for
deletion are left out, and `prune_dataset` takes them out of a folder that was written before.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from gateway.contract.model import Contract
from gateway.files import BadFile, write_private
from gateway.redact.text.notes import shareable
from gateway.storage.retention import first_day
from gateway.storage.sampling import sampled

Layout = Literal["audiofolder", "jsonl", "csv"]
TABLES: dict[Layout, str] = {"audiofolder": "metadata.jsonl", "jsonl": "clips.jsonl", "csv": "clips.csv"}
_SOUNDS = "audio"
_PSEUDONYM = re.compile(r"[0-9a-f]{16}")
_FORMULA = tuple("=+-@\t\r")  # what a spreadsheet would run


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One clip. `transcript` is the automatic one, `transcription` what people heard, both redacted.

    The answers are the settled ones, else those of more than half of the people who annotated; None where there are
    none. `file_name` is None without sound.
    """

    file_name: str | None
    ref: str
    recorded_on: str
    duration_s: float
    trigger: str
    locality: str | None
    device: str | None
    transcript: str | None
    transcription: str | None
    intent: str | None
    effective: str | None
    heard: list[str]
    false_activation: bool | None
    people: int
    is_settled: bool


class Reviewed(Protocol):
    """What a data set asks of the store."""

    def refs(self, kept_since: str | None = None) -> list[str]: ...

    def get(self, ref: str) -> dict[str, Any] | None: ...

    def audio(self, ref: str) -> bytes | None: ...

    def annotations(self, ref: str) -> list[dict[str, Any]]: ...


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """How many clips were written, and how many annotated ones were left out because they have no sound."""

    clips: int
    soundless: int


def write_dataset(
    store: Reviewed,
    settled: Callable[[str], dict[str, Any] | None],
    contract: Contract,
    folder: Path,
    *,
    layout: Layout,
    now: datetime,
) -> Written:
    """Write every annotated clip of the sample into `folder`, in place of an earlier data set there.

    `audiofolder` is the layout of Hugging Face's `datasets`; every row has sound there. `settled` gives the answer that
    holds for a clip. The folder gets mode 0700, the files 0600.

    Raises:
        BadFile: the contract has no exports, the folder holds something else, or it cannot be written.
    """
    if not contract.review.export:
        raise BadFile(f"contract {contract.name}: review.export: no; nothing leaves the store")
    _take(folder)
    rows: list[Row] = []
    soundless = 0
    linked = set(_linked(store, contract, now))
    try:
        for ref in sorted(_allowed(store, contract, now)):
            clip, said = store.get(ref), store.annotations(ref)
            if clip is None or not said:
                continue
            wav = store.audio(ref)
            if wav is None:
                soundless += 1
                if layout == "audiofolder":
                    continue
            else:
                write_private(folder / _SOUNDS / f"{ref}.wav", wav)
            rows.append(_row(clip, said, settled(ref), has_sound=wav is not None, is_linked=ref in linked))
        write_private(folder / TABLES[layout], _table(layout, [msgspec.to_builtins(row) for row in rows]))
    except OSError as error:
        raise BadFile(f"{folder}: {error.strerror or 'cannot be written'}") from None
    return Written(clips=len(rows), soundless=soundless)


def prune_dataset(store: Reviewed, contract: Contract, folder: Path, now: datetime) -> int:
    """Take every clip that may not be there any more out of a data set. Returns the number of rows and files.

    A folder without a data set is left as it is.

    Raises:
        BadFile: the table cannot be read or written.
    """
    allowed = _allowed(store, contract, now) if contract.review.export else set()
    gone = 0
    for layout, name in TABLES.items():
        table = folder / name
        if not table.is_file():
            continue
        try:
            rows = _rows(layout, table.read_bytes())
            kept = [row for row in rows if row.get("ref") in allowed]
            if len(kept) < len(rows):
                write_private(table, _table(layout, kept))
            for sound in (folder / _SOUNDS).glob("*.wav"):
                if sound.stem not in allowed:
                    sound.unlink()
                    gone += 1
        except OSError as error:
            raise BadFile(f"{table}: {error.strerror or 'cannot be written'}") from None
        gone += len(rows) - len(kept)
    return gone


def _allowed(store: Reviewed, contract: Contract, now: datetime) -> set[str]:
    """The clips of the sample that are under review and whose retention is not over."""
    days = contract.review.retention_days
    refs = store.refs(first_day(now, days) if days is not None else None)
    return {ref for ref in refs if sampled(ref, contract.review.sampling)}


def _linked(store: Reviewed, contract: Contract, now: datetime) -> Iterable[str]:
    """The clips whose pseudonym may be shown."""
    if contract.redact.device != "pseudonym":
        return []
    days = contract.redact.pseudonyms.lifetime_days
    return store.refs(first_day(now, days) if days is not None else None)


def _take(folder: Path) -> None:
    """Make the folder ours. An earlier data set in it is removed, anything else is refused."""
    ours = {*TABLES.values(), _SOUNDS}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = {path.name for path in folder.iterdir()}
        if there - ours or (there and not there & {*TABLES.values()}):
            raise BadFile(f"{folder}: holds other files; a folder for this data set alone is wanted")
        folder.chmod(0o700)
        (folder / _SOUNDS).mkdir(mode=0o700, exist_ok=True)
        (folder / _SOUNDS).chmod(0o700)
        for path in (*(folder / name for name in TABLES.values()), *(folder / _SOUNDS).glob("*.wav")):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise BadFile(f"{folder}: {error.strerror or 'cannot be written'}") from None


def _row(
    clip: dict[str, Any],
    said: Sequence[dict[str, Any]],
    settled: dict[str, Any] | None,
    *,
    has_sound: bool,
    is_linked: bool,
) -> Row:
    last = {each["reviewer"]: each for each in said}
    opinions = [settled] if settled else [*last.values()]
    typed = _agreed([each["transcription"] for each in opinions])
    device = clip["device"]
    return Row(
        file_name=f"{_SOUNDS}/{clip['ref']}.wav" if has_sound else None,
        ref=clip["ref"],
        recorded_on=clip["recorded_on"],
        duration_s=clip["duration_ms"] / 1000,
        trigger=clip["trigger"],
        locality=clip["locality"],
        device=device if is_linked and device and _PSEUDONYM.fullmatch(device) else None,
        transcript=clip["transcript"],
        transcription=shareable(typed, clip["transcript"] or "") if typed is not None else None,
        intent=_agreed([each["intent"] for each in opinions]),
        effective=_agreed([each["effective"] for each in opinions]),
        heard=list(_agreed([tuple(sorted(each["heard"])) for each in opinions]) or ()),
        false_activation=_agreed([bool(each["false_activation"]) for each in opinions]),
        people=len(last),
        is_settled=settled is not None,
    )


def _agreed(answers: Sequence[Any]) -> Any:
    """The answer of more than half; None where there is none."""
    answer, times = Counter(answers).most_common(1)[0]
    return answer if times * 2 > len(answers) else None


def _table(layout: Layout, rows: Sequence[dict[str, Any]]) -> bytes:
    if layout != "csv":
        return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, Row.__struct_fields__, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue().encode()


def _rows(layout: Layout, table: bytes) -> list[dict[str, Any]]:
    if layout == "csv":
        return list(csv.DictReader(io.StringIO(table.decode("utf-8", "replace"))))
    return [msgspec.json.decode(line) for line in table.splitlines() if line.strip()]


def _cell(value: Any) -> Any:
    """A list as words, and an apostrophe before what a spreadsheet would take for a formula."""
    if isinstance(value, list):
        value = " ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
