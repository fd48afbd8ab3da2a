"""Settles differences between annotators. A third person sees the answers side by side and decides once.

Gold clips have known answers. They are in the queue like all others, and annotators cannot tell them apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from gateway.audit.log import Audit
from gateway.redact.text.notes import shareable
from gateway.review.checking.agreement import (
    FIELDS,
    Answer,
    Pair,
    Person,
    against,
    alpha,
    by_intent,
    differing,
    pairs_of,
    word_likeness,
    words_in,
)
from gateway.storage.settled import Settled
from gateway.storage.store import Annotation, Store

_LOOKED_AT = 500
_MOST_WORDS = 500


class Who(Protocol):
    """The signed-in person."""

    @property
    def username(self) -> str: ...


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A clip with different answers. With `mine` the asking person gave one of them and may not settle it."""

    ref: str
    people: int
    fields: tuple[str, ...]
    mine: bool


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """One of several answers, without its author's name. `text` is redacted for others."""

    label: str
    intent: str
    effective: str
    heard: tuple[str, ...]
    false_activation: bool
    text: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    ref: str
    opinions: Sequence[Opinion]
    fields: tuple[str, ...]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """`shared` clips were judged by two people or more. None means that a figure cannot be computed."""

    shared: int
    alphas: Mapping[str, float | None]
    words: float | None
    pairs: Sequence[Pair]
    people: Sequence[Person]
    intents: Mapping[str, tuple[int, int]]
    known: int
    gold: int


class Verification:
    """The matrix says which roles may come here."""

    def __init__(self, store: Store, audit: Audit) -> None:
        self._store, self._audit, self._settled = store, audit, Settled(store.database)

    def differences(self, who: Who) -> Sequence[Difference]:
        """Up to 500 clips to settle, in the order of their random refs."""
        found = []
        for ref, answers in self._open_answers().items():
            fields = differing(answers)
            if fields:
                mine = any(each.reviewer == who.username for each in answers)
                found.append(Difference(ref=ref, people=len(answers), fields=fields, mine=mine))
        return found

    def case(self, who: Who, ref: str) -> Case | None:
        """The answers about a clip, side by side. None if this person gave one of them, or if nothing is to settle."""
        answers = self._answers([ref])
        if len(answers) < 2 or any(each.reviewer == who.username for each in answers):
            return None
        fields = differing(answers)
        if not fields or self._settled.answer(ref) is not None:
            return None
        row = self._store.get(ref)
        if row is None:
            return None
        said = self._store.annotations(ref)
        opinions = []
        for at, each in enumerate(answers):
            typed = next(line["transcription"] for line in reversed(said) if line["reviewer"] == each.reviewer)
            opinion = Opinion(
                label=f"Opinion {at + 1}",
                intent=each.intent,
                effective=each.effective,
                heard=tuple(sorted(each.heard)),
                false_activation=each.false_activation,
                text=shareable(typed, row["transcript"] or ""),
            )
            opinions.append(opinion)
        return Case(ref=ref, opinions=opinions, fields=fields)

    def settle(self, who: Who, ref: str, answer: Annotation) -> bool:
        """Let the third person's answer hold from now on. False in the cases where `case` is None."""
        if self.case(who, ref) is None:
            return False
        self._audit.record(who.username, "clip_settled", "ok", ref)
        try:
            self._settled.settle(ref, answer)
        except KeyError:  # withdrawn meanwhile
            return False
        return True

    def figures(self, who: Who) -> Figures:
        """Over all clips under review; words over the first 500 that several judged."""
        self._audit.record(who.username, "agreement_seen", "ok")
        answers = [_answer(each) for each in self._settled.said()]
        held = self._settled.answers()
        known = {each["ref"]: _answer(each) for each in held}
        people_of: dict[str, int] = {}
        for each in answers:
            people_of[each.ref] = people_of.get(each.ref, 0) + 1
        shared = [ref for ref, many in people_of.items() if many > 1]
        return Figures(
            shared=len(shared),
            alphas={name: alpha(answers, lambda each, name=name: getattr(each, name)) for name in FIELDS},  # type: ignore[misc]
            words=word_likeness(self._answers(shared[:_MOST_WORDS])) if shared else None,
            pairs=pairs_of(answers, lambda each: each.intent),
            people=against(answers, known),
            intents=by_intent(answers, known),
            known=len(held),
            gold=sum(bool(each["is_gold"]) for each in held),
        )

    def _open_answers(self) -> dict[str, list[Answer]]:
        found: dict[str, list[Answer]] = {}
        refs = self._settled.twice_judged(_LOOKED_AT)
        for each in self._answers(refs) if refs else []:
            found.setdefault(each.ref, []).append(each)
        return found

    def _answers(self, refs: Sequence[str]) -> list[Answer]:
        """With their words."""
        typed = {
            (ref, line["reviewer"]): line["transcription"] for ref in refs for line in self._store.annotations(ref)
        }
        return [_answer(each, typed[each["ref"], each["reviewer"]]) for each in self._settled.said(refs)]


def _answer(row: Mapping[str, Any], typed: str = "") -> Answer:
    return Answer(
        ref=row["ref"],
        reviewer=row["reviewer"],
        intent=row["intent"],
        effective=row["effective"],
        false_activation=bool(row["false_activation"]),
        heard=frozenset(row["heard"]),
        words=words_in(typed),
    )
