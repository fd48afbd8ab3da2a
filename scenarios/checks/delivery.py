"""Checks that every utterance is accounted for, and that nothing is stored that should not exist."""

from scenarios.checks.intact import Integrity
from scenarios.checks.share import of
from scenarios.model.forbidden import tried
from scenarios.model.ledger import Ledger
from scenarios.verdict import Outcome, Verdict
from simulator.world.truth import LONG_SILENCE_S


def conservation(ledger: Ledger, sound: Integrity | None = None) -> Verdict:
    """Every utterance has exactly one final outcome. What must be kept is stored once, as it was sent."""
    # What must not exist may be stored twice as well: its one disposition does not say so.
    lost, duplicated = (
        ledger.count("lost"),
        sum(len(row.refs) > 1 or row.disposition == "duplicated" for row in ledger.rows),
    )
    why = f"{of(lost, len(ledger.rows), 'utterances lost')}, {duplicated} stored twice"
    altered = 0
    if sound is not None:
        altered = sound.reordered + sound.corrupt
        why += (
            f"; {of(sound.reordered, sound.compared, 'served clips out of order')}, "
            f"{of(sound.corrupt, sound.compared, 'not as they were sent')}"
        )
        if sound.covered:
            why += f"; {sound.covered} clips are covered from end to end, so that nothing of them could be compared"
    if ledger.silence_s is not None and ledger.silence_s >= LONG_SILENCE_S:
        why += f"; the gateway was waited for and said nothing for {ledger.silence_s:.0f} s"
    outcome = Outcome.FAIL if lost or duplicated or altered else Outcome.PASS
    return Verdict(check="conservation", outcome=outcome, examined=len(ledger.rows), why=why)


def should_not_exist(ledger: Ledger, strangers: int = 0) -> Verdict:
    """No clip is stored of a muted microphone, a home without consent or an unknown device, or after a `dropped`.
    The sentence names each rule that could be broken.

    `strangers` are the messages of devices that nobody knows; what they left is among the clips that nobody said.
    """
    rules = tried(ledger)
    kept, said = sum(each.stored for each in rules), sum(each.said for each in rules)
    by_rule = f": {', '.join(each.sentence for each in rules)}" if rules else ""
    why = (
        f"{of(kept, said, 'utterances that must not exist are stored')}{by_rule}; "
        f"{ledger.unexplained} clips that nobody said"
        + (f", of {strangers} messages of unknown devices" if strangers else "")
    )
    outcome = Outcome.FAIL if kept or ledger.unexplained else Outcome.PASS
    return Verdict(check="should_not_exist", outcome=outcome, examined=said + strangers, why=why)
