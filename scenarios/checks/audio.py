"""Checks whether a spoken secret is still audible in served clips, by comparison with the true recording."""

from collections import Counter
from collections.abc import Collection, Mapping

import msgspec

from scenarios.checks.audible import Comparison, Pcm
from scenarios.checks.share import of
from scenarios.model.ledger import Ledger, Row
from scenarios.model.observations import Observations, Served
from scenarios.verdict import Finding, Outcome, Verdict, Where

ALARM_MS = 30


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """`residual` is audible milliseconds by field. `floor` is the value of the measure where the word is not."""

    residual: dict[str, int]
    floor: tuple[int, ...]


def audible(ledger: Ledger, seen: Observations) -> Mapping[str, Heard | None]:
    """Audible milliseconds of every secret word of every clip that was served with sound, by ref. None for a clip that
    is not its recording."""
    return {
        ref: residual_ms(row, seen.sounds[row.utterance.utterance_id], seen.served[ref])
        for row in ledger.rows
        for ref in row.refs
        if ref in seen.served and seen.served[ref].samples is not None
    }


def spoken_secrets(ledger: Ledger, heard: Mapping[str, Heard | None], allowed: Collection[str] = ()) -> Verdict:
    """Judge what was `heard` (of `audible`) in the served clips. It fails from 30 audible milliseconds of a word.

    Fields in `allowed` are declared disclosures and may be heard.
    """
    findings: list[Finding] = []
    floor: list[int] = []
    said: Counter[str] = Counter()
    strangers = unknown = 0
    for row in ledger.rows:
        for found in (heard[ref] for ref in row.refs if ref in heard):
            unknown += "secrets" in row.utterance.unknown
            if found is None:
                strangers += 1
                continue
            floor += found.floor
            judged = {field: ms for field, ms in found.residual.items() if field not in allowed}
            said.update(judged.keys())
            findings += [_finding(row, field, ms) for field, ms in judged.items() if ms >= ALARM_MS]
    alarms, examined = sum(ms >= ALARM_MS for ms in floor), said.total()
    why = (
        f"{of(len(findings), examined, 'spoken secrets in served clips still audible')}; "
        f"{strangers} clips not recognised; where the word certainly is not, the measure says {ALARM_MS} ms or more "
        f"in {of(alarms, len(floor), 'words')}, {max(floor, default=0)} ms at most"
    )
    if said:  # a kind that is not here was never said, and nothing is known of it
        why += f"; said: {', '.join(f'{count} {field}' for field, count in sorted(said.items()))}"
    if unknown:
        why += f"; not checked: {unknown} clips of recordings, of which nobody knows what is secret"
    if findings:
        return Verdict(
            check="spoken_secrets", outcome=Outcome.FAIL, examined=examined, why=why, findings=tuple(findings)
        )
    outcome = Outcome.UNKNOWN if strangers or (unknown and not examined) else Outcome.PASS
    return Verdict(check="spoken_secrets", outcome=outcome, examined=examined, why=why)


def residual_ms(row: Row, truth: Pcm, served: Served) -> Heard | None:
    """Audible milliseconds by secret field. None if the served audio is not this recording at any offset."""
    heard = served.samples
    if heard is None:
        return Heard(residual={}, floor=())
    secrets = [word for word in row.utterance.words if word.secret is not None]
    compared = Comparison(truth, heard, [(word.start, word.end) for word in secrets])
    if compared.silent:
        return Heard(residual={word.secret or "": 0 for word in secrets}, floor=())
    if compared.at is None:
        return None
    residual: dict[str, int] = {}
    for word in secrets:
        ms = compared.residual_ms(word.start, word.end)
        residual[word.secret or ""] = residual.get(word.secret or "", 0) + ms
    return Heard(residual=residual, floor=tuple(compared.floor_ms(word.start, word.end) for word in secrets))


def _finding(row: Row, field: str, ms: int) -> Finding:
    return Finding(
        check="spoken_secrets",
        severity="high",
        where=Where(kind="audio", name="GET /clips/{ref}/audio.wav"),
        household_id=row.utterance.household_id,
        field=field,
        how=("audio", "phase coherence"),
        masked_evidence=f"{ms} ms of it audible",
        reproduce=f"earlid why {row.utterance.utterance_id}",
    )
