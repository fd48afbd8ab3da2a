"""history.jsonl: what happened to each utterance, in order; and its reader, `earlid why`.

No word of what was said stands in it but what the review tool served, redacted and searched.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gateway.fault_words import nearest
from gateway.files import BadFile
from scenarios.checks.audio import ALARM_MS
from scenarios.model.ledger import Row
from scenarios.model.observations import Response, Served
from scenarios.report.result import RunResult
from scenarios.report.utterances.decided import audible_in, decided
from simulator.links.fault_kinds import Mark


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of one utterance. `at_ms` is event time where the step has one; `bad` says that it
    ended as it should not, or that a check found something in it."""

    utterance: str
    step: str
    what: str
    at_ms: int | None = None
    bad: bool = False

    @property
    def failed(self) -> "Event":
        return msgspec.structs.replace(self, bad=True)


def events(result: RunResult) -> Iterator[Event]:
    """Every utterance's steps, from what was said to who saw it."""
    shown: dict[str, list[Response]] = {}
    for response in result.seen.responses:
        if response.clip_ref:
            shown.setdefault(response.clip_ref, []).append(response)
    marks: dict[str, list[Mark]] = {}
    for mark in result.schedule.marks if result.schedule else ():
        marks.setdefault(mark.device, []).append(mark)
    for row in result.ledger.rows:
        yield from _of_row(row, shown, marks, result)


def _of_row(
    row: Row, shown: dict[str, list[Response]], marks: dict[str, list[Mark]], result: RunResult
) -> Iterator[Event]:
    said, label = row.utterance, row.utterance.utterance_id

    def step(name: str, what: str, at_ms: int | None = None) -> Event:
        return Event(utterance=label, step=name, what=what, at_ms=at_ms, bad=row.disposition in _BAD)

    secrets = sorted({word.secret for word in said.words if word.secret})
    spoken = f"{len(said.words)} words" + (f", among them {', '.join(secrets)}" if secrets else "")
    guest = ", a visitor speaks" if said.visitors else ""
    if said.unknown:
        spoken += f" (a recording: its {', '.join(said.unknown)} are not known)"
    what = f"{said.kind} ({said.intent}), {said.duration_ms} ms, {spoken}{guest}; must be {_past(said.expected)}"
    yield step("said", what, said.at_ms)
    if befell := marks.get(label.rpartition("-")[0]):
        kinds = Counter(mark.kind for mark in befell)
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        yield step("faults", f"befell this device in the run: {told}")
    if row.delivery is not None:
        cut = f", cut short: {row.delivery.cut_short}" if row.delivery.cut_short else ""
        yield step("sent", f"{row.delivery.frames} frames, {row.delivery.attempts} attempt(s){cut}")
        answer = f"{row.delivery.outcome}: {row.delivery.reason}" if row.delivery.outcome else "no receipt"
        yield from (step("decided", told) for told in decided(row, result))
        yield step("receipt", answer)
    for ref in row.refs:
        served = result.seen.served.get(ref)
        words = ""
        if served is not None and served.clean and served.facts.get("transcript"):
            text = str(served.facts["transcript"])
            words = f"; its words are shown as: {text} ({text.count('[')} masked)"
        yield step("stored", _stored(served) + words)
        yield step("audible", audible_in(ref, result))
        for route, count in _routes(shown.get(ref, [])):
            yield step("shown", f"{route}, {count} time(s)")
    for finding in result.findings:
        if finding.reproduce.startswith(f"earlid why {label}"):
            told = f"{finding.field}: {finding.masked_evidence}; less than {ALARM_MS} ms are allowed"
            yield step("heard", told).failed
    yield step("ends as", row.disposition)


_BAD = frozenset({"lost", "duplicated", "should_not_exist", "false_accept", "false_reject"})


def _stored(served: Served | None) -> str:
    if served is None:
        return "once, withdrawn by a reviewer since"
    audio = "without audio" if served.wav is None else "with audio"
    return f"once, {audio}" + (f" ({served.facts['withheld']})" if served.facts.get("withheld") else "")


def _routes(responses: list[Response]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for response in responses:
        name = f"{response.role} {response.template} -> {len(response.findings)} findings"
        counts[name] = counts.get(name, 0) + 1
    return sorted(counts.items())


def _past(expected: str) -> str:
    return "kept" if expected == "keep" else "dropped"


def history(result: RunResult) -> bytes:
    """The text of history.jsonl."""
    return b"".join(msgspec.json.encode(event) + b"\n" for event in events(result))


def read_history(out: Path, utterance: str) -> list[Event]:
    """An utterance's steps from a run's out folder.

    Raises:
        BadFile: no history there, or no such utterance in it.
    """
    path = out / "history.jsonl"
    found = _read(path)
    if not any(event.utterance == utterance for event in found):
        labels = list(dict.fromkeys(event.utterance for event in found))
        raise BadFile(f"{utterance}: no such utterance in {path}; {nearest(utterance, labels[:200])[:200]}")
    return [event for event in found if event.utterance == utterance]


def failed_in(out: Path) -> list[str]:
    """The utterances that ended as they should not, or in which a check found something. Raises as `read_history`."""
    return list(dict.fromkeys(event.utterance for event in _read(out / "history.jsonl") if event.bad))


def find_run(out: Path | None, utterance: str | None) -> Path:
    """The out folder of one run: the one named, the one run in it, or the newest under out/ that has the utterance.

    Raises:
        BadFile: there is none.
    """
    top = out if out is not None else Path("out")
    if (top / "history.jsonl").is_file():
        return top
    runs = [path for path in top.rglob("history.jsonl") if path.is_file()]
    runs.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in runs:
        if utterance is None or f'"{utterance}"'.encode() in path.read_bytes():
            return path.parent
    if runs:
        raise BadFile(f"{utterance}: no run under {top} has such an utterance ({len(runs)} runs looked at)")
    raise BadFile(f"{top}: no run in it; `earlid run` leaves one, and --out names its folder")


def _read(path: Path) -> list[Event]:
    try:
        return [msgspec.json.decode(line, type=Event) for line in path.read_bytes().splitlines()]
    except FileNotFoundError:
        raise BadFile(f"{path}: not there; --out names the folder of one run (for example out/demo/strict)") from None
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except msgspec.DecodeError:
        raise BadFile(f"{path}: not a run's history") from None
