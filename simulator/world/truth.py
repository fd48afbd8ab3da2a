"""The answer key: what was said, by whom, when, and what the gateway should do with it.

The gateway never sees the truth. Only the checks compare it with observations.
"""

from typing import Literal

import msgspec

Kind = Literal["wake", "button", "false_wake", "noise", "muted", "no_consent"]
Disposition = Literal["keep", "drop"]
Unknown = Literal["secrets", "speakers", "words"]
Forbidden = Literal["muted", "no_consent", "withdrawn", "forgotten", "too_long", "not_admitted", "other_copy"]
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
    `unknown` is what nobody knows of it, where a recording was played: no check may read its absence as clean.
    `expected` is the disposition the gating rule asks for; `acoustic` says whether a wrong outcome is a matter
    of hearing (judged as a rate) or structural (must never happen). `forbidden_by` is the rule that forbids to keep it,
    where its kind alone does not say so.
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
    unknown: tuple[Unknown, ...] = ()
    forbidden_by: Forbidden | None = None

    @property
    def forbidden(self) -> bool:
        """Whether nothing of it may exist, whatever anybody heard."""
        return self.expected == "drop" and not self.acoustic

    @property
    def visitors(self) -> tuple[Speaker, ...]:
        return tuple(who for who in self.speakers if who.household_id != self.household_id)


class Unsent(msgspec.Struct, frozen=True, kw_only=True):
    """One sound near a device that the device did not send. Nothing of it may be stored.

    The reasons are: it did not wake (`not_woken`), it was starting (`booting`), it had no room while `offline`, or a
    reboot deleted the sound before it was sent (`lost_in_reboot`).
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
    """How often a device sent one utterance, and its last receipt if one came.

    `cut_short` says what stopped the device from sending (again). If an utterance was never sent to its end, nothing of
    it may be stored. If it was sent to its end, the gateway decides it although the device does not ask again.
    """

    utterance_id: str
    attempts: int
    frames: int
    outcome: str | None
    reason: str | None
    cut_short: Literal["reboot", "offline"] | None = None


LONG_SILENCE_S = 10.0  # a busy gateway answers something within a few seconds


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How late a paced fleet was: wall milliseconds behind the intended time, over `steps` events.

    If the 99th percentile is above `limit_ms`, the run is not valid, because it measured the simulator itself.
    `own_p99_ms` leaves out what came from waiting for the gateway, of which `longest_wait_ms` was the longest.
    """

    steps: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    limit_ms: float
    own_p99_ms: float | None = None
    longest_wait_ms: float = 0.0

    @property
    def valid(self) -> bool:
        return self.p99_ms <= self.limit_ms

    @property
    def held_up(self) -> bool:
        """Whether the gateway alone made the fleet late."""
        return not self.valid and self.own_p99_ms is not None and self.own_p99_ms <= self.limit_ms


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """The answer key of a fleet and its deliveries. `pace` is None unless the run was paced.

    Every planned sound is in `utterances` or in `unsent`. `silence_s` is the longest time for which the gateway said
    nothing although an answer was awaited; None where nobody measured it.
    """

    seed: int
    utterances: tuple[Utterance, ...]
    deliveries: tuple[Delivery, ...]
    pace: Pace | None = None
    unsent: tuple[Unsent, ...] = ()
    silence_s: float | None = None
