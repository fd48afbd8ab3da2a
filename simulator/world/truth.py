"""The answer key: what was said, by whom, when, and what should become of it.

Truth travels beside the flow and meets observation only in the checks.
"""

from typing import Literal

import msgspec

Kind = Literal["wake", "button", "false_wake", "noise", "muted", "no_consent"]
Disposition = Literal["keep", "drop"]
Why = Literal["not_woken", "booting", "offline", "lost_in_reboot"]


class Speaker(msgspec.Struct, frozen=True, kw_only=True):
    """Who said something: `person_id` ("" where a home's people are not known) and the home they belong to."""

    person_id: str
    household_id: str


class SpokenWord(msgspec.Struct, frozen=True, kw_only=True):
    """One word as it sounds in the session's audio, in samples from its first frame, reverberation included.

    `secret` is the dotted identities.json field the word gives away (`contacts.name`), or None.
    """

    text: str
    start: int
    end: int
    secret: str | None = None


class Utterance(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a device sent. `utterance_id` is a harness label ("H07-D1-003"), never on the wire.

    `household_id` is the device's; `speakers` are who spoke near it, in order: a visitor's home is another.
    `same_as` is the utterance that another device of the home heard at the same time: this is the same sound.
    `expected` is the disposition the gating rule asks for; `acoustic` says whether a wrong outcome is a matter
    of hearing (judged as a rate) or structural (must never happen).
    """

    utterance_id: str
    household_id: str
    device: str
    session_id: str
    at_ms: int
    kind: Kind
    intent: str
    expected: Disposition
    acoustic: bool
    text: str
    words: tuple[SpokenWord, ...]
    duration_ms: int
    pcm_digest: str
    speakers: tuple[Speaker, ...] = ()
    same_as: str | None = None

    @property
    def visitors(self) -> tuple[Speaker, ...]:
        return tuple(who for who in self.speakers if who.household_id != self.household_id)


class Unsent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was said or sounded near a device and of which nothing may be stored: the device sent none of it.

    It slept through it (`not_woken`), was starting (`booting`), had no room for it while it was `offline`, or forgot
    it in a reboot before it could send it (`lost_in_reboot`).
    """

    utterance_id: str
    household_id: str
    device: str
    session_id: str
    at_ms: int
    kind: Kind
    intent: str
    why: Why


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What the device saw of one utterance: how often it was sent and the last receipt, if one came.

    `cut_short` is what kept it from sending (again): of an utterance that was never sent to its end nothing may be
    stored, one that was is in the gateway's hands though nobody asks again.
    """

    utterance_id: str
    attempts: int
    frames: int
    outcome: str | None
    reason: str | None
    cut_short: Literal["reboot", "offline"] | None = None


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How late a paced fleet did what it meant to: wall milliseconds behind the intended time, over `steps` events.

    A generator that falls behind measures itself: above `limit_ms` (at the 99th percentile) its run is not valid.
    """

    steps: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    limit_ms: float

    @property
    def valid(self) -> bool:
        return self.p99_ms <= self.limit_ms


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """One fleet's answer key and what its devices saw; `pace` of a paced run.

    All that was planned is either among the `utterances` or `unsent`.
    """

    seed: int
    utterances: tuple[Utterance, ...]
    deliveries: tuple[Delivery, ...]
    pace: Pace | None = None
    unsent: tuple[Unsent, ...] = ()
