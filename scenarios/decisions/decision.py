"""What the built-in gateway said about each attempt: the scores behind a decision, by utterance."""

from collections.abc import Iterable, Mapping

import msgspec

from scenarios.model.ledger import join_tag
from simulator.world.truth import Utterance


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the clip that redaction covered, in milliseconds from the clip's start."""

    label: str
    from_ms: int
    until_ms: int


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt's decision. Scores are 0..1, null where nobody was asked; `cut_score` is the verifier's for the
    trimmed clip alone. Times are milliseconds from the clip's start."""

    tag: str
    reason: str
    wake_score: float | None = None
    verify_score: float | None = None
    cut_score: float | None = None
    woke_ms: int | None = None
    kept_from_ms: int | None = None
    kept_until_ms: int | None = None
    covered: tuple[Covered, ...] = ()


def by_utterance(
    decisions: Iterable[Decision], said: Iterable[Utterance], join_key: bytes
) -> Mapping[str, tuple[Decision, ...]]:
    """Each utterance's decisions in the order in which they were taken."""
    labels = {join_tag(join_key, each.session_id): each.utterance_id for each in said}
    found: dict[str, list[Decision]] = {}
    for decision in decisions:
        if decision.tag in labels:
            found.setdefault(labels[decision.tag], []).append(decision)
    return {label: tuple(each) for label, each in found.items()}
