"""Between the network thread and the worker: messages in order of arrival, bounded in all and for each device.

What does not fit is let go of and named, so that its session is answered `busy` and nobody else's is touched.
"""

import threading
from collections import Counter, deque

MOST_BYTES = 64 * 1024 * 1024
MOST_PER_DEVICE = 4 * 1024 * 1024
MESSAGE_BYTES = 256  # what a message costs besides its payload
_NAMED = 4_096

Message = tuple[str, bytes]


class Inbox:
    """`put` never waits; `take` waits a little. One thread may put while another takes.

    `device_of` gives the device a topic belongs to, "" for everybody's (transcripts, watermarks): those have no share
    of their own to fill, only the whole.
    """

    def __init__(self, *, most_bytes: int = MOST_BYTES, most_per_device: int = MOST_PER_DEVICE) -> None:
        self._most_bytes, self._most_per_device = most_bytes, most_per_device
        self._waiting: deque[tuple[str, Message]] = deque()
        self._bytes = 0
        self._per_device: Counter[str] = Counter()
        self._shed: dict[str, None] = {}
        self._changed = threading.Condition()

    @property
    def held_bytes(self) -> int:
        return self._bytes

    def put(self, device: str, topic: str, payload: bytes) -> bool:
        """False when there was no room: the topic is then among `shed`."""
        size = len(payload) + MESSAGE_BYTES
        with self._changed:
            over = device and self._per_device[device] + size > self._most_per_device
            if over or self._bytes + size > self._most_bytes:
                if len(self._shed) < _NAMED:
                    self._shed[topic] = None
                return False
            self._waiting.append((device, (topic, payload)))
            self._bytes += size
            self._per_device[device] += size
            self._changed.notify()
            return True

    def take(self, wait_s: float, most: int) -> list[Message]:
        """Up to `most` messages, the oldest first; waits up to `wait_s` for the first."""
        with self._changed:
            if not self._waiting and wait_s > 0:
                self._changed.wait(wait_s)
            taken: list[Message] = []
            while self._waiting and len(taken) < most:
                device, message = self._waiting.popleft()
                size = len(message[1]) + MESSAGE_BYTES
                self._bytes -= size
                self._per_device[device] -= size
                if not self._per_device[device]:
                    del self._per_device[device]
                taken.append(message)
            return taken

    def shed(self) -> list[str]:
        """Topics that lost a message since last asked."""
        with self._changed:
            lost, self._shed = list(self._shed), {}
        return lost
