"""A call as a codec is told of it, and the three methods that turn it into somebody's own messages."""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

Message = tuple[str, bytes]  # topic, payload
EVERYTHING = frozenset({"muted", "button"})


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A word of the transcript; seconds from the first sample."""

    text: str
    start: float
    end: float


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One utterance of one device. `at_ms` is event time in epoch milliseconds; `serial` and the place are what the
    device says of itself.

    `text`, `words` and `pcm` (int16 little-endian mono at 16 kHz) are empty until it has ended.
    """

    site_id: str
    session_id: str
    at_ms: int = 0
    trigger: Literal["wake", "button"] = "wake"
    muted: bool = False
    serial: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    text: str = ""
    lang: str | None = None
    words: tuple[Word, ...] = ()
    pcm: bytes = b""


class Codec(Protocol):
    """Calls -> messages. It is called from one thread, in the order in which devices speak.

    `carries` says which of "muted" and "button" the messages tell. A system that is not told cannot be blamed: such
    utterances are not sent.
    """

    carries: frozenset[str]

    def started(self, call: Call) -> Sequence[Message]:
        """A device has begun to stream."""

    def heard(self, call: Call, number: int, pcm: bytes) -> Sequence[Message]:
        """A frame of 80 ms; `number` counts from 0. A frame that a fault lost is not told."""

    def ended(self, call: Call) -> Sequence[Message]:
        """It has stopped. The call has its transcript and all its samples now."""
