"""A queue between the network thread and the worker. It is bounded in all and for each device.

The messages of one device keep their order of arrival. A dropped message leaves a loss entry in its place, so the
worker handles earlier messages first. Devices take turns, so a device that sends much cannot delay the others.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_BYTES = 64 * 1024 * 1024
MOST_PER_DEVICE = 4 * 1024 * 1024
MESSAGE_BYTES = 256  # what a message costs besides its topic and payload
MOST_QUESTIONS = 256
_A_TURN = 8 * 1024  # bytes of one device before the next one's
_MOST_LOSSES = 256  # of a device, each with its topic
_MOST_LINES = 65_536  # devices with waiting messages


class Arrived(NamedTuple):
    """A message. If `payload` is None, it is a loss entry: a message of this topic was dropped. A loss entry without a
    topic stands for any message of the device.

    `late` is true for a message that the broker stored. Its device may have sent something newer since.
    """

    device: str
    topic: str
    payload: bytes | None
    at_s: float
    late: bool = False

    @property
    def size(self) -> int:
        return len(self.topic) + len(self.payload or b"") + MESSAGE_BYTES


@dataclass(slots=True)
class _Line:
    """The waiting messages of one device as (number of arrival, message). `credit` is its bytes left in this turn."""

    waiting: deque[tuple[int, Arrived]] = field(default_factory=deque)
    bytes: int = 0
    losses: int = 0
    credit: int = 0


@dataclass(slots=True)
class _Question:
    """A message that may be taken only after all earlier ones. `before` counts how many of them still wait."""

    number: int
    message: Arrived
    before: int


class FairQueue:
    """`put` never blocks; `take` blocks for a limited time. One thread may put while another takes.

    `device` is the device a topic belongs to. It is "" for transcripts and questions, which are bounded by the whole
    queue only. The scheduling is deficit round robin (Shreedhar and Varghese, SIGCOMM 1995).
    """

    def __init__(
        self,
        *,
        most_bytes: int = MOST_BYTES,
        most_per_device: int = MOST_PER_DEVICE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_bytes, self._most_per_device, self._monotonic = most_bytes, most_per_device, monotonic
        self._lines: OrderedDict[str, _Line] = OrderedDict()  # the first device has its turn
        self._questions: deque[_Question] = deque()
        self._bytes = self._arrived = self._count = 0
        self._changed = threading.Condition()

    @property
    def held_bytes(self) -> int:
        return self._bytes

    def put(
        self,
        device: str,
        topic: str,
        payload: bytes,
        *,
        after_all: bool = False,
        urgent: bool = False,
        late: bool = False,
    ) -> bool:
        """Queue a message. Returns False when there is no room; a loss entry then takes its place.

        Args:
            after_all: the message is taken only after everything that was queued before it.
            urgent: the limits are a quarter higher for this message.
            late: the broker stored this message.
        """
        message = Arrived(device, topic, payload, self._monotonic(), late)
        more = 1.25 if urgent else 1.0
        with self._changed:
            line = self._lines.get(device)
            over = device and (line.bytes if line else 0) + message.size > more * self._most_per_device
            if over or self._bytes + message.size > more * self._most_bytes:
                self._lose(message)
                return False
            if after_all:
                return self._ask(message)
            self._append(message)
            self._changed.notify()
            return True

    def take(self, wait_s: float, most: int) -> list[Arrived]:
        """Take up to `most` messages, one device after another. Waits up to `wait_s` seconds for the first."""
        with self._changed:
            if not self._lines and not self._questions and wait_s > 0:
                self._changed.wait(wait_s)
            taken: list[Arrived] = []
            while len(taken) < most and (self._lines or self._questions):
                while self._questions and not self._questions[0].before:
                    asked = self._questions.popleft().message
                    self._bytes -= asked.size
                    taken.append(asked)
                if self._lines:
                    taken.append(self._next())
            return taken

    def _ask(self, message: Arrived) -> bool:
        if len(self._questions) >= MOST_QUESTIONS:
            return False  # the asker repeats the question
        self._arrived += 1
        self._bytes += message.size
        self._questions.append(_Question(self._arrived, message, self._count))
        self._changed.notify()
        return True

    def _append(self, message: Arrived) -> None:
        self._arrived += 1
        line = self._lines.setdefault(message.device, _Line(credit=_A_TURN))
        line.waiting.append((self._arrived, message))
        line.losses += message.payload is None
        line.bytes += message.size
        self._bytes += message.size
        self._count += 1

    def _lose(self, message: Arrived) -> None:
        """Queue a loss entry in the place of a dropped message.

        Losses of the same topic in a row give one entry. After 256 losses of a device an entry names no topic. Loss
        entries do not count against the byte limits; their number is limited instead.
        """
        if not message.device:
            return  # a clip without its transcript is withheld; a question is repeated by its asker
        line = self._lines.get(message.device)
        if line is None and len(self._lines) >= _MOST_LINES:
            return
        topic = "" if line and line.losses >= _MOST_LOSSES else message.topic
        last = line.waiting[-1][1] if line else None
        if last is None or last.payload is not None or last.topic not in ("", topic):
            self._append(Arrived(message.device, topic, None, message.at_s))
            self._changed.notify()

    def _next(self) -> Arrived:
        """The next message of the device whose turn it is."""
        device, line = next(iter(self._lines.items()))
        while line.credit <= 0:
            line.credit += _A_TURN
            self._lines.move_to_end(device)
            device, line = next(iter(self._lines.items()))
        number, message = line.waiting.popleft()
        line.credit -= message.size
        line.bytes -= message.size
        line.losses -= message.payload is None
        self._bytes -= message.size
        self._count -= 1
        if not line.waiting:
            del self._lines[device]
        for question in self._questions:
            question.before -= number < question.number
        return message
