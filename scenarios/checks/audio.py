"""Is a spoken secret still audible in what the review tool serves, judged against the truth's own recording."""

from collections.abc import Collection

import msgspec

from scenarios.checks.audible import Comparison, Pcm
from scenarios.checks.share import of
from scenarios.model.ledger import Ledger, Row
from scenarios.model.observations import Observations, Served
from scenarios.verdict import Finding, Outcome, Verdict, Where

_ALARM_MS = 30


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """`residual` is milliseconds by field; `floor` what the same measure says where each word certainly is not."""

    residual: dict[str, int]
    floor: tuple[int, ...]


def spoken_secrets(ledger: Ledger, seen: Observations, allowed: Collection[str] = ()) -> Verdict:
    """Residual audible milliseconds of every secret word of every served clip; alarm at 30 ms.

    Fields in `allowed` are declared disclosures and may be heard.
    """
    findings: list[Finding] = []
    floor: list[int] = []
    examined = strangers = 0
    for row in ledger.rows:
        for served in (seen.served[ref] for ref in row.refs if ref in seen.served):
            if served.samples is None:
                continue
            audible = residual_ms(row, seen.sounds[row.utterance.utterance_id], served)
            if audible is None:
                strangers += 1
                continue
            floor += audible.floor
            judged = {field: ms for field, ms in audible.residual.items() if field not in allowed}
            examined += len(judged)
            findings += [_finding(row, field, ms) for field, ms in judged.items() if ms >= _ALARM_MS]
    alarms = sum(ms >= _ALARM_MS for ms in floor)
    why = (
        f"{of(len(findings), examined, 'spoken secrets in served clips still audible')}; "
        f"{strangers} clips not recognised; where the word certainly is not, the measure says {_ALARM_MS} ms or more "
        f"in {of(alarms, len(floor), 'words')}, {max(floor, default=0)} ms at most"
    )
    if findings:
        return Verdict(
            check="spoken_secrets", outcome=Outcome.FAIL, examined=examined, why=why, findings=tuple(findings)
        )
    outcome = Outcome.UNKNOWN if strangers else Outcome.PASS
    return Verdict(check="spoken_secrets", outcome=outcome, examined=examined, why=why)


def residual_ms(row: Row, truth: Pcm, served: Served) -> Heard | None:
    """Audible milliseconds per secret field; None when the served audio is not this recording at any offset."""
    heard = served.samples
    if heard is None:
        return Heard(residual={}, floor=())
    secrets = [word for word in row.utterance.words if word.secret is not None]
    compared = Comparison(truth, heard, [(word.start, word.end) for word in secrets])
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
