"""Says of each rule that forbids to keep something how often it was tried, and how often it was broken."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from scenarios.model.ledger import Ledger, Row

Rule = Literal[
    "muted",
    "no_consent",
    "withdrawn",
    "forgotten",
    "too_long",
    "not_admitted",
    "cut_short",
    "told_dropped",
    "contract",
]

RULES: Mapping[Rule, str] = MappingProxyType(
    {
        "muted": "said while the microphone was off",
        "no_consent": "in homes that have not agreed",
        "withdrawn": "said after consent was withdrawn",
        "forgotten": "in homes that asked to be forgotten",
        "too_long": "longer than gate.max_clip_ms",
        "not_admitted": "woken as gate.admit does not allow",
        "cut_short": "never sent to the end",
        "told_dropped": "whose device was told `dropped`",
        "contract": "that the contract forbids",
    }
)


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: how many utterances it forbids, and how many of these are stored nevertheless."""

    rule: Rule
    said: int
    stored: int

    @property
    def sentence(self) -> str:
        """For example: 3 of 6 said while the microphone was off."""
        return f"{self.stored} of {self.said} {RULES[self.rule]}"


def tried(ledger: Ledger) -> tuple[Tried, ...]:
    """The rules that something in the ledger could break, in the order of `RULES`."""
    rows: dict[Rule, list[Row]] = {}
    for row in ledger.rows:
        if (rule := rule_of(row)) is not None:
            rows.setdefault(rule, []).append(row)
    return tuple(
        Tried(rule=rule, said=len(rows[rule]), stored=sum(row.disposition == "should_not_exist" for row in rows[rule]))
        for rule in RULES
        if rule in rows
    )


def rule_of(row: Row) -> Rule | None:
    """The rule that forbids to keep an utterance. None if it may exist, or is one more copy of what is kept: that is a
    duplicate, which `conservation` judges."""
    said = row.utterance
    if said.forbidden_by == "other_copy":
        return None
    if not said.forbidden:
        return "told_dropped" if row.disposition == "should_not_exist" else None
    if said.forbidden_by is not None:
        return said.forbidden_by
    if said.kind == "muted" or said.kind == "no_consent":
        return said.kind
    if row.delivery is not None and row.delivery.cut_short is not None:
        return "cut_short"
    return "contract"
