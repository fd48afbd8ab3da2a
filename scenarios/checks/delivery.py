"""Is every utterance accounted for: nothing lost, nothing twice, nothing that should not exist."""

from scenarios.ledger import Ledger
from scenarios.verdict import Outcome, Verdict


def conservation(ledger: Ledger) -> Verdict:
    """Every utterance ends in exactly one terminal outcome; what must be kept is stored exactly once."""
    lost, duplicated = ledger.count("lost"), ledger.count("duplicated")
    why = f"{len(ledger.rows)} utterances: {lost} lost, {duplicated} duplicated"
    outcome = Outcome.FAIL if lost or duplicated else Outcome.PASS
    return Verdict(check="conservation", outcome=outcome, examined=len(ledger.rows), why=why)


def should_not_exist(ledger: Ledger) -> Verdict:
    """No clip of a muted microphone, without consent, of an unknown device, or told to be dropped, is stored."""
    structural = [row for row in ledger.rows if row.utterance.expected == "drop" and not row.utterance.acoustic]
    kept = ledger.count("should_not_exist")
    why = (
        f"{kept} of {len(structural)} utterances that must not exist are stored; {ledger.unexplained} unexplained clips"
    )
    outcome = Outcome.FAIL if kept or ledger.unexplained else Outcome.PASS
    return Verdict(check="should_not_exist", outcome=outcome, examined=len(structural), why=why)
