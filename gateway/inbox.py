"""Between the network thread and the worker: bounded in all and for each device, and every device in its turn.

Messages of one device stay in order of arrival; between devices turns count, not who shouted first. What does not
fit is let go of and named, so that its session is answered `busy` and nobody else's is touched.
"""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field

MOST_BYTES = 64 * 1024 * 1024
MOST_PER_DEVICE = 4 * 1024 * 1024
MESSAGE_BYTES = 256  # what a message costs besides its payload
_A_TURN = 8 * 1024  # bytes of one device before the next one's
_NAMED = 4_096

Message = tuple[str, bytes]


@dataclass(slots=True)
class _Line:
    """What waits of one device: (number of arrival, message). `credit` is what it may send in this turn."""

    waiting: deque[tuple[int, Message]] = field(default_factory=deque)
    bytes: int = 0
    credit: int = 0


@dataclass(slots=True)
class _Question:
    """A message that may be taken only after the `before` that came earlier."""

    number: int
    message: Message
    before: int


class Inbox:
    """`put` never waits; `take` waits a little. One thread may put while another takes.

    `device` is the one a topic belongs to, "" for everybody's (transcripts): those have no share of their own to
    fill, only the whole. After deficit round robin: Shreedhar and Varghese, SIGCOMM 1995.
    """

    def __init__(self, *, most_bytes: int = MOST_BYTES, most_per_device: int = MOST_PER_DEVICE) -> None:
        self._most_bytes, self._most_per_device = most_bytes, most_per_device
        self._lines: OrderedDict[str, _Line] = OrderedDict()  # the first has its turn
        self._questions: deque[_Question] = deque()
        self._bytes = self._arrived = self._count = 0
        self._shed: dict[str, None] = {}
        self._changed = threading.Condition()

    @property
    def held_bytes(self) -> int:
        return self._bytes

    def put(self, device: str, topic: str, payload: bytes, *, after_all: bool = False) -> bool:
        """False when there was no room: the topic is then among `shed`. `after_all`: not before what came before."""
        size = len(payload) + MESSAGE_BYTES
        with self._changed:
            line = self._lines.get(device)
            over = device and (line.bytes if line else 0) + size > self._most_per_device
            if over or self._bytes + size > self._most_bytes:
                if len(self._shed) < _NAMED:
                    self._shed[topic] = None
                return False
            self._arrived += 1
            self._bytes += size
            if after_all:
                self._questions.append(_Question(self._arrived, (topic, payload), self._count))
            else:
                if line is None:
                    line = self._lines[device] = _Line(credit=_A_TURN)
                line.waiting.append((self._arrived, (topic, payload)))
                line.bytes += size
                self._count += 1
            self._changed.notify()
            return True

    def take(self, wait_s: float, most: int) -> list[Message]:
        """Up to `most` messages, each device's oldest first; waits up to `wait_s` for the first."""
        with self._changed:
            if not self._lines and not self._questions and wait_s > 0:
                self._changed.wait(wait_s)
            taken: list[Message] = []
            while len(taken) < most and (self._lines or self._questions):
                while self._questions and not self._questions[0].before:
                    asked = self._questions.popleft().message
                    self._bytes -= len(asked[1]) + MESSAGE_BYTES
                    taken.append(asked)
                if self._lines:
                    taken.append(self._next())
            return taken

    def shed(self) -> list[str]:
        """Topics that lost a message since last asked."""
        with self._changed:
            lost, self._shed = list(self._shed), {}
        return lost

    def _next(self) -> Message:
        """The next message of the device whose turn it is."""
        device, line = next(iter(self._lines.items()))
        while line.credit <= 0:
            line.credit += _A_TURN
            self._lines.move_to_end(device)
            device, line = next(iter(self._lines.items()))
        number, message = line.waiting.popleft()
        size = len(message[1]) + MESSAGE_BYTES
        line.credit -= size
        line.bytes -= size
        self._bytes -= size
        self._count -= 1
        if not line.waiting:
            del self._lines[device]
        for question in self._questions:
            question.before -= number < question.number
        return message
