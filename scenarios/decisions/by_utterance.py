"""Puts the gateway's decisions to the utterances that they are about."""

from collections.abc import Iterable, Mapping

from gateway.decision import Decision
from scenarios.model.ledger import join_tag
from simulator.world.truth import Utterance


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
