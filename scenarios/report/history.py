"""history.jsonl: what happened to each utterance, in order, without a word of it; and its reader, `earlid why`."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from gateway.files import BadFile
from scenarios.model.ledger import Row
from scenarios.model.observations import Response, Served
from scenarios.report.result import RunResult


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of one utterance. `at_ms` is event time where the step has one."""

    utterance: str
    step: str
    what: str
    at_ms: int | None = None


def events(result: RunResult) -> Iterator[Event]:
    """Every utterance's steps, from what was said to who saw it."""
    shown: dict[str, list[Response]] = {}
    for response in result.seen.responses:
        if response.clip_ref:
            shown.setdefault(response.clip_ref, []).append(response)
    for row in result.ledger.rows:
        yield from _of_row(row, shown, result)


def _of_row(row: Row, shown: dict[str, list[Response]], result: RunResult) -> Iterator[Event]:
    said, label = row.utterance, row.utterance.utterance_id
    secrets = sorted({word.secret for word in said.words if word.secret})
    spoken = f"{len(said.words)} words" + (f", among them {', '.join(secrets)}" if secrets else "")
    guest = ", a visitor speaks" if said.visitors else ""
    yield Event(
        utterance=label,
        step="said",
        what=f"{said.kind} ({said.intent}), {said.duration_ms} ms, {spoken}{guest}; must be {_past(said.expected)}",
        at_ms=said.at_ms,
    )
    if row.delivery is not None:
        cut = f", cut short: {row.delivery.cut_short}" if row.delivery.cut_short else ""
        sent = f"{row.delivery.frames} frames, {row.delivery.attempts} attempt(s){cut}"
        yield Event(utterance=label, step="sent", what=sent)
        answer = f"{row.delivery.outcome}: {row.delivery.reason}" if row.delivery.outcome else "no receipt"
        yield Event(utterance=label, step="receipt", what=answer)
    for ref in row.refs:
        yield Event(utterance=label, step="stored", what=_stored(result.seen.served.get(ref)))
        for route, count in _routes(shown.get(ref, [])):
            yield Event(utterance=label, step="shown", what=f"{route}, {count} time(s)")
    yield Event(utterance=label, step="ends as", what=row.disposition)


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
    if not path.is_file():
        raise BadFile(f"{path}: not there; --out names the folder of one run (for example out/demo/strict)")
    found = [msgspec.json.decode(line, type=Event) for line in path.read_bytes().splitlines()]
    if not any(event.utterance == utterance for event in found):
        labels = list(dict.fromkeys(event.utterance for event in found))
        raise BadFile(f"{utterance}: no such utterance in {path}; for example {', '.join(labels[:4])}")
    return [event for event in found if event.utterance == utterance]
