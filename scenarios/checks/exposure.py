"""Checks whether an identity was seen, in responses or files, and whether the search would have noticed."""

import math
from collections.abc import Iterable

from scenarios.checks.share import of
from scenarios.model.ledger import Ledger
from scenarios.model.observations import Observations
from scenarios.verdict import Finding, Outcome, Verdict

READ = "READ"  # what the harness read of a store itself: nobody was shown it
FEWEST_NAMING = 3  # clips of a sample in which somebody is named, for a pass


def leaks(ledger: Ledger, seen: Observations, *, share: float = 1.0) -> Verdict:
    """No response of any route to any role holds a simulated identity.

    Where a `share` of the clips reaches reviewers, a pass wants enough of them in which somebody is named. Otherwise it
    would be luck.
    """
    findings = distinct(finding for response in (*seen.responses, *seen.doors) for finding in response.findings)
    count, searched = len(seen.responses), sum(response.bytes for response in seen.responses)
    cut = sum(response.not_searched is not None for response in (*seen.responses, *seen.doors))
    if findings:
        homes = len({finding.household_id for finding in findings})
        why = f"{len(findings)} findings of {homes} households in {count} responses"
        return Verdict(check="leaks", outcome=Outcome.FAIL, examined=count, why=why, findings=findings)
    if cut:
        why = f"{cut} of {count} responses were over a limit and not searched to the end"
        return Verdict(check="leaks", outcome=Outcome.UNKNOWN, examined=count, why=why)
    if share < 1 and (few := _too_few(ledger, seen, share)):
        return Verdict(check="leaks", outcome=Outcome.UNKNOWN, examined=count, why=few)
    why = f"an identity in {of(0, count, 'responses')}, {searched:,} bytes, {seen.needles} needles"
    return Verdict(check="leaks", outcome=Outcome.PASS, examined=count, why=why)


def _too_few(ledger: Ledger, seen: Observations, share: float) -> str | None:
    """Why a sample of clips proves nothing. None if it is large enough.

    A system that hides a third of what is said passes with three such clips by a chance of one in 27.
    """
    rows = ledger.by_ref()
    shown = _shown(seen) & rows.keys()
    naming = sum(any(word.secret for word in rows[ref].utterance.words) for ref in shown)
    if naming >= FEWEST_NAMING:
        return None
    return (
        f"no identity was seen, but {len(shown)} of {len(rows)} clips were shown (share {share:.0%}), and somebody is "
        f"named in {naming} of these; {FEWEST_NAMING} are wanted: more homes, more utterances, or review.sampling: 1.0"
    )


def positive_control(seen: Observations) -> Verdict:
    """All planted leaks were found. They went through the pipeline that searched the real responses."""
    planted = len(seen.controls)
    missed = [control.name for control in seen.controls if not control.found]
    if missed or not planted:
        why = f"missed {len(missed)} of {planted} planted leaks: {', '.join(missed)}" if missed else "none were planted"
        return Verdict(check="positive_control", outcome=Outcome.UNKNOWN, examined=planted, why=why)
    why = f"all {planted} planted leaks were found"
    return Verdict(check="positive_control", outcome=Outcome.PASS, examined=planted, why=why)


def coverage(ledger: Ledger, seen: Observations, *, share: float = 1.0) -> Verdict:
    """Every published route and every clip under review was fetched. Otherwise the outcome is unknown.

    With `share` 1 every stored clip is under review. With less, those are that the review tool shows the harness.
    """
    fetched = {response.template for response in (*seen.responses, *seen.doors)}
    missing = sorted(seen.routes - fetched)
    refs = {ref for row in ledger.rows for ref in row.refs} if share >= 1 else set(seen.served) - _refused(seen)
    unseen = len(refs - _shown(seen) - _withdrawn(seen))
    examined = len(seen.routes) + len(refs)
    if not seen.routes or not refs:
        why = "no routes or no clips to cover"
        return Verdict(check="coverage", outcome=Outcome.UNKNOWN, examined=0, why=why)
    if missing or unseen:
        why = f"{len(missing)} routes never fetched ({', '.join(missing[:6])}), {unseen} clips never shown"
        return Verdict(check="coverage", outcome=Outcome.UNKNOWN, examined=examined, why=why)
    why = f"all {len(seen.routes)} routes fetched, all {len(refs)} clips shown"
    return Verdict(check="coverage", outcome=Outcome.PASS, examined=examined, why=why)


def sampling(ledger: Ledger, seen: Observations, *, share: float) -> Verdict:
    """No more of the stored clips reached reviewers than the contract's share, by three standard deviations (S10)."""
    stored = {ref for row in ledger.rows for ref in row.refs}
    shown = _shown(seen) & stored
    most = share * len(stored) + 3 * math.sqrt(len(stored) * share * (1 - share))
    outcome = Outcome.PASS if len(shown) <= most else Outcome.FAIL
    why = f"{len(shown)} of {len(stored)} stored clips reached reviewers (share {share:.0%}, at most {most:.0f})"
    return Verdict(check="sampling", outcome=outcome, examined=len(stored), why=why)


def at_rest(seen: Observations) -> Verdict:
    """No file that the target wrote (database, logs) holds an identity. Unknown if a file was not read to its end."""
    findings = distinct(finding for file in seen.at_rest for finding in file.findings)
    size = sum(file.bytes for file in seen.at_rest)
    hit = sum(bool(file.findings) for file in seen.at_rest)
    cut = [f"{file.name} ({'; '.join(file.not_searched)})" for file in seen.at_rest if file.not_searched]
    outcome = Outcome.FAIL if findings else Outcome.UNKNOWN if cut else Outcome.PASS
    why = f"an identity in {of(hit, len(seen.at_rest), 'files')}, {size:,} bytes"
    why += f"; not searched: {', '.join(cut)}" if cut else ""
    sealed = ", ".join(file.name for file in seen.at_rest if file.encrypted)
    why += f"; encrypted, and searched as they lie there: {sealed}" if sealed else ""
    return Verdict(check="at_rest", outcome=outcome, examined=len(seen.at_rest), why=why, findings=findings)


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding per fingerprint, household and person, in order of first sight."""
    kept: dict[tuple[str, str, str | None], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.fingerprint, finding.household_id, finding.person_id), finding)
    return tuple(kept.values())


def _shown(seen: Observations) -> set[str]:
    """The clips that an answer showed. What the harness read of a store itself nobody was shown."""
    return {each.clip_ref for each in seen.responses if each.clip_ref and each.method != READ and each.status < 400}


def _refused(seen: Observations) -> set[str]:
    """The clips whose page was asked for and did not open."""
    asked = {r.clip_ref for r in seen.responses if r.clip_ref and r.method != READ and r.status in (403, 404, 410)}
    return asked - _shown(seen)


def _withdrawn(seen: Observations) -> set[str]:
    """Clips that a reviewer marked as critical data. They were shown before that."""
    return {r.clip_ref for r in seen.responses if r.clip_ref and r.template.endswith("/critical")}
