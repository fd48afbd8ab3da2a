"""What was observed, joined with the truth: one row an utterance, one terminal disposition a row."""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from simulator.world.truth import Delivery, Truth, Utterance

Disposition = Literal["kept", "dropped", "lost", "duplicated", "should_not_exist", "false_accept", "false_reject"]


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A clip the store holds, by its join tag (HMAC of the session id under the harness's key)."""

    tag: str
    ref: str
    spans_digest: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One utterance from what was said to who saw it."""

    utterance: Utterance
    delivery: Delivery | None
    refs: tuple[str, ...]
    spans_digest: str
    seen_by: tuple[str, ...]
    disposition: Disposition


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """`unexplained` counts stored clips that join no utterance: nobody said what they hold.

    `silence_s` is the longest time for which the gateway said nothing although an answer was awaited; None where nobody
    measured it.
    """

    rows: tuple[Row, ...]
    unexplained: int
    silence_s: float | None = None

    @property
    def digest(self) -> str:
        """Equal for equal outcomes: hash over sorted (utterance, disposition, redacted-span hash)."""
        rows = sorted([row.utterance.utterance_id, row.disposition, row.spans_digest] for row in self.rows)
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    def count(self, *dispositions: Disposition) -> int:
        return sum(row.disposition in dispositions for row in self.rows)

    def by_ref(self) -> dict[str, Row]:
        return {ref: row for row in self.rows for ref in row.refs}


def join_tag(key: bytes, session_id: str) -> str:
    """What the gateway stores for a session when the harness hands it `key`."""
    return hmac.new(key, session_id.encode(), hashlib.sha256).hexdigest()


def reconcile(truth: Truth, stored: Sequence[Stored], seen: Mapping[str, Sequence[str]], *, join_key: bytes) -> Ledger:
    """Join truth and observation. `seen` maps a clip's ref to the roles it was shown to.

    Raises:
        ValueError: two utterances have one session id, so that no clip can be said to be either's.
    """
    if len({said.session_id for said in truth.utterances}) < len(truth.utterances):
        raise ValueError("truth: two utterances have one session id; a join by tag would not be exact")
    by_tag: dict[str, list[Stored]] = {}
    for clip in stored:
        by_tag.setdefault(clip.tag, []).append(clip)
    deliveries = {delivery.utterance_id: delivery for delivery in truth.deliveries}
    rows = []
    for said in truth.utterances:
        clips = by_tag.pop(join_tag(join_key, said.session_id), [])
        delivery = deliveries.get(said.utterance_id)
        rows.append(
            Row(
                utterance=said,
                delivery=delivery,
                refs=tuple(clip.ref for clip in clips),
                spans_digest=clips[0].spans_digest if clips else "",
                seen_by=tuple(sorted({role for clip in clips for role in seen.get(clip.ref, ())})),
                disposition=disposition(said, delivery, copies=len(clips)),
            )
        )
    rows = _one_of_each(rows)
    unexplained = sum(len(clips) for clips in by_tag.values())
    return Ledger(rows=tuple(rows), unexplained=unexplained, silence_s=truth.silence_s)


def _one_of_each(rows: Sequence[Row]) -> list[Row]:
    """Of what several devices heard at once, one clip is to be kept: whose is not said. Another one is a duplicate."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row.utterance.expected == "keep":
            groups.setdefault(row.utterance.same_as or row.utterance.utterance_id, []).append(row)
    others: dict[str, Row] = {}
    for group in groups.values():
        keeper = next((row for row in group if row.refs), group[0])
        for row in group:
            if row is not keeper:
                spare = msgspec.structs.replace(
                    row.utterance, expected="drop", acoustic=False, forbidden_by="other_copy"
                )
                ending: Disposition = "duplicated" if row.refs else "dropped"
                others[spare.utterance_id] = msgspec.structs.replace(row, utterance=spare, disposition=ending)
    return [others.get(row.utterance.utterance_id, row) for row in rows]


def disposition(said: Utterance, delivery: Delivery | None, *, copies: int) -> Disposition:
    """The one terminal outcome. Mistakes of hearing have names of their own: they are judged as rates."""
    settled = delivery.outcome if delivery else None
    if copies and (settled == "dropped" or said.forbidden):
        return "should_not_exist"  # however often: twice is not the lesser fault
    if copies > 1:
        return "duplicated"
    if copies == 1:
        return "kept" if said.expected == "keep" else "false_accept"
    if said.expected == "drop":
        return "dropped"
    return "false_reject" if settled == "dropped" and said.acoustic else "lost"


class LedgerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger's counts: kept + dropped + lost + should_not_exist = utterances.

    Among the kept are `duplicated` (stored twice or more) and `false_accepts`, among the dropped `false_rejects`.
    `unexplained` are clips nobody said. `reordered` and `corrupt` are null where no clip could be compared.
    """

    utterances: int
    kept: int
    dropped: int
    lost: int
    should_not_exist: int
    duplicated: int
    false_accepts: int
    false_rejects: int
    unexplained: int
    reordered: int | None
    corrupt: int | None


class Sameness(Protocol):
    """Served clips compared with what was sent: how many had their frames in another order, or other samples."""

    @property
    def reordered(self) -> int: ...

    @property
    def corrupt(self) -> int: ...


def figures(ledger: Ledger, sound: Sameness | None = None) -> LedgerFigures:
    """`sound` is None where no clip could be compared."""
    counts = Counter(row.disposition for row in ledger.rows)
    return LedgerFigures(
        utterances=len(ledger.rows),
        kept=counts["kept"] + counts["false_accept"] + counts["duplicated"],
        dropped=counts["dropped"] + counts["false_reject"],
        lost=counts["lost"],
        should_not_exist=counts["should_not_exist"],
        duplicated=counts["duplicated"],
        false_accepts=counts["false_accept"],
        false_rejects=counts["false_reject"],
        unexplained=ledger.unexplained,
        reordered=sound.reordered if sound else None,
        corrupt=sound.corrupt if sound else None,
    )
