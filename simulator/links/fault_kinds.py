"""What a fault is, when it hits, and the record of the ones that happened: data that can be written to a file."""

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Literal

import msgspec

Kind = Literal[
    "drop", "delay", "duplicate", "reorder", "truncate", "corrupt", "bandwidth", "disconnect", "lose_receipt"
]
Part = Literal["any", "frame", "session/start", "session/end", "button", "mute", "context", "transcript"]

# What an amount means, and the range it is drawn from unless a fault says otherwise.
USUAL: dict[Kind, tuple[int, int]] = {
    "drop": (0, 0),
    "delay": (20, 200),  # milliseconds; order is kept, as on one connection
    "duplicate": (0, 500),  # milliseconds after the first
    "reorder": (1, 3),  # later messages of this device that overtake it
    "truncate": (0, 999),  # thousandths of it that are left
    "corrupt": (0, 999),  # where, in thousandths, one bit is turned over
    "bandwidth": (40_000, 40_000),  # bytes a second (speech is 32,000); recorded as the milliseconds waited
    "disconnect": (500, 3_000),  # milliseconds in which nothing of this device passes, receipts included
    "lose_receipt": (0, 0),
}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault of one kind. It hits a `share` of the messages of the class `of`, of the devices with these labels (None:
    all), in the simulated time [from_ms, until_ms).

    Its amount is drawn from the range `amount`, both ends included. The class `any` excludes the mute switch, because a
    gateway cannot obey a switch it never got.
    """

    kind: Kind
    share: float = 1.0
    of: Part = "any"
    amount: tuple[int, int] | None = None
    devices: tuple[str, ...] | None = None
    from_ms: int = 0
    until_ms: int | None = None

    def concerns(self, device: str, now_ms: float) -> bool:
        """Whether this device may be hit at this time."""
        in_time = self.from_ms <= now_ms and (self.until_ms is None or now_ms < self.until_ms)
        return in_time and (self.devices is None or device in self.devices)

    @property
    def range(self) -> tuple[int, int]:
        return self.amount or USUAL[self.kind]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One fault that happened to the `nth` message of a device, or to a receipt for it. `fault` is its list position.

    `digest` is the start of a hash of the message. A replay uses it to notice another run. It is too short to confirm a
    guess of the message's content.
    """

    fault: int
    device: str
    nth: int
    kind: Kind
    amount: int
    digest: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An action on the system under test at a simulated time, for example a broker restart or a gateway kill.

    Before an action that is `settled`, the gateway has settled everything sent so far.
    """

    name: str
    at_ms: int
    act: Callable[[], None]
    settled: bool = False


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """All faults of a run, in an order that does not depend on the network. It can be written to a file."""

    seed: int
    faults: tuple[Fault, ...]
    marks: tuple[Mark, ...]
    events: tuple[tuple[str, int], ...] = ()

    @property
    def digest(self) -> str:
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    @property
    def counts(self) -> Counter[str]:
        """How often each kind happened."""
        return Counter(mark.kind for mark in self.marks)


class ReplayError(ValueError):
    """The recording belongs to another run. Its text is one line."""
