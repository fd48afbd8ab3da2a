"""Is a spoken secret still audible in what the review tool serves, judged against the truth's own recording."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from scenarios.ledger import Ledger, Row
from scenarios.observations import Observations, Served
from scenarios.verdict import Finding, Outcome, Verdict, Where

Pcm = npt.NDArray[np.int16]
_FRAME = 160  # 10 ms at 16 kHz
_ALARM_MS = 30
_AUDIBLE_SHARE = 0.05  # of the recording's own level in that frame
_FLOOR = 30.0  # RMS of a frame below which the recording itself says nothing
_MIN_MATCH = 0.3  # normalised correlation below which the served clip is not this recording


def spoken_secrets(ledger: Ledger, seen: Observations, allowed: Collection[str] = ()) -> Verdict:
    """Residual audible milliseconds of every secret word of every served clip; alarm at 30 ms.

    Fields in `allowed` are declared disclosures and may be heard.
    """
    findings: list[Finding] = []
    examined = strangers = 0
    for row in ledger.rows:
        for served in (seen.served[ref] for ref in row.refs if ref in seen.served):
            if served.samples is None:
                continue
            audible = residual_ms(row, seen.sounds[row.utterance.utterance_id], served)
            strangers += audible is None
            judged = {field: ms for field, ms in (audible or {}).items() if field not in allowed}
            examined += len(judged)
            findings += [_finding(row, field, ms) for field, ms in judged.items() if ms >= _ALARM_MS]
    why = f"{examined} spoken secrets in served clips, {len(findings)} still audible; {strangers} clips not recognised"
    if findings:
        return Verdict(
            check="spoken_secrets", outcome=Outcome.FAIL, examined=examined, why=why, findings=tuple(findings)
        )
    outcome = Outcome.UNKNOWN if strangers else Outcome.PASS
    return Verdict(check="spoken_secrets", outcome=outcome, examined=examined, why=why)


def residual_ms(row: Row, truth: Pcm, served: Served) -> dict[str, int] | None:
    """Audible milliseconds per secret field; None when the served audio is not this recording at any offset."""
    heard = served.samples
    if heard is None:
        return {}
    at = offset(truth, heard)
    if at is None:
        return None
    residual: dict[str, int] = {}
    for word in row.utterance.words:
        if word.secret is not None:
            ms = _audible_ms(truth, heard, word.start, word.end, at)
            residual[word.secret] = residual.get(word.secret, 0) + ms
    return residual


def offset(truth: Pcm, heard: Pcm) -> int | None:
    """The sample of `truth` at which `heard` begins, by PHAT-weighted cross-correlation; None when nowhere."""
    if not len(truth) or not len(heard):
        return None
    size = 1 << (len(truth) + len(heard) - 1).bit_length()
    spectrum = np.fft.rfft(truth, size) * np.conj(np.fft.rfft(heard, size))
    lags = np.fft.irfft(spectrum / (np.abs(spectrum) + 1e-9), size)
    at = int(np.argmax(lags[: len(truth)]))
    part = truth[at : at + len(heard)].astype(float)
    same = heard[: len(part)].astype(float)
    sounding = same != 0  # silenced spans say nothing about the match
    norm = np.linalg.norm(part[sounding]) * np.linalg.norm(same[sounding])
    match = float(part[sounding] @ same[sounding]) / norm if norm else 0.0
    return at if match >= _MIN_MATCH else None


def _audible_ms(truth: Pcm, heard: Pcm, start: int, end: int, at: int) -> int:
    audible = 0
    for frame in range(start, end - _FRAME + 1, _FRAME):
        said = truth[frame : frame + _FRAME].astype(float)
        left = heard[max(0, frame - at) : max(0, frame - at + _FRAME)].astype(float)
        level = float(np.sqrt(np.mean(said**2)))
        if len(left) and level > _FLOOR and float(np.sqrt(np.mean(left**2))) > _AUDIBLE_SHARE * level:
            audible += _FRAME * 1000 // 16_000
    return audible


def _finding(row: Row, field: str, ms: int) -> Finding:
    return Finding(
        check="spoken_secrets",
        severity="high",
        where=Where(kind="audio", name="GET /clips/{ref}/audio.wav"),
        household_id=row.utterance.household_id,
        field=field,
        how=("audio", "residual_level"),
        masked_evidence=f"{ms} ms of it audible",
        reproduce=f"earlid why {row.utterance.utterance_id}",
    )
