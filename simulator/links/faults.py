"""Faults between devices and their gateway. Each fault is a link around a link: seeded, recorded, replayable.

A fault's decision depends on the seed, its position in the list, the device's label, and the number of messages that
the device has sent. It does not depend on other devices, the inner link or the pace.
"""

import hashlib
import heapq
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from gateway.wire import Topics
from simulator.links.link import Answer, Link

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
    """A fault of one kind. It hits a `share` of the messages of the class `of`.

    Its amount is drawn from the range `amount`, both ends included. The class `any` excludes the mute switch, because a
    gateway cannot obey a switch it never got.
    """

    kind: Kind
    share: float = 1.0
    of: Part = "any"
    amount: tuple[int, int] | None = None

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
    """An action on the system under test at a simulated time, for example a broker restart or a gateway kill."""

    name: str
    at_ms: int
    act: Callable[[], None]


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


class Faults:
    """The faults of a run. `run_fleet(faults=...)` puts them around its link and runs the events.

    With `replays`, exactly the recorded faults happen again. Remove marks to find the ones that matter. The actions of
    the recorded events must be given again.
    """

    def __init__(
        self,
        *,
        seed: int,
        faults: Sequence[Fault] = (),
        events: Sequence[Event] = (),
        replays: Schedule | None = None,
    ) -> None:
        self.events = tuple(sorted(events, key=lambda event: event.at_ms))
        self._seed = replays.seed if replays else seed
        self._faults = replays.faults if replays else tuple(faults)
        self._known = {(m.fault, m.device, m.nth): m for m in replays.marks} if replays else None
        self._marks: list[Mark] = []

    @property
    def schedule(self) -> Schedule:
        """What has happened so far."""
        marks = sorted(self._marks, key=lambda m: (m.fault, m.device, m.kind == "lose_receipt", m.nth))
        events = tuple((event.name, event.at_ms) for event in self.events)
        return Schedule(seed=self._seed, faults=self._faults, marks=tuple(marks), events=events)

    @property
    def counts(self) -> Counter[str]:
        """How often each kind has happened so far."""
        return Counter(mark.kind for mark in self._marks)

    def around(
        self,
        link: Link,
        *,
        now_ms: Callable[[], float],
        labels: Mapping[str, str],
        patience_ms: float = 15_000.0,
        topic_root: str = "",
    ) -> Link:
        """Wrap `link` in all faults. The first fault of the list is the outermost.

        `labels` maps site ids to device labels. A drain delivers messages that are delayed by at most `patience_ms`,
        the time devices wait for a receipt. Messages delayed longer arrive after the device has sent them again.
        """
        for place, fault in reversed(list(enumerate(self._faults))):
            choose = self._chooser(place, fault)
            link = _Layer(link, fault, choose, now_ms, labels, patience_ms, Topics(topic_root))
        return link

    def _chooser(self, place: int, fault: Fault) -> "_Choose":
        """Decide whether a fault happens, and its amount, from the seed or the recording. The decision is recorded."""
        streams: dict[str, np.random.Generator] = {}

        def choose(device: str, nth: int, payload: bytes, bandwidth_ms: int) -> int | None:
            digest = hashlib.sha256(payload).hexdigest()[:4]
            if self._known is not None:
                mark = self._known.get((place, device, nth))
                if mark is None:
                    return None
                if mark.digest != digest:
                    raise ReplayError(f"{device}: message {nth} is not the one that was recorded")
                amount: int | None = mark.amount
            else:
                if device not in streams:
                    streams[device] = np.random.default_rng([self._seed, place, zlib.crc32(device.encode())])
                rng, (least, most) = streams[device], fault.range
                happens, drawn = rng.random() < fault.share, int(rng.integers(least, most + 1))
                amount = (bandwidth_ms if fault.kind == "bandwidth" else drawn) if happens else None
            if amount is not None:
                kind = fault.kind
                self._marks.append(Mark(fault=place, device=device, nth=nth, kind=kind, amount=amount, digest=digest))
            return amount

        return choose


_Choose = Callable[[str, int, bytes, int], int | None]
_Held = tuple[float, int, str, bytes]  # when it is due, order of coming, topic, payload


class _Layer:
    """One fault around one link."""

    def __init__(
        self,
        inner: Link,
        fault: Fault,
        choose: _Choose,
        now_ms: Callable[[], float],
        labels: Mapping[str, str],
        patience_ms: float,
        topics: Topics,
    ) -> None:
        self._inner, self._fault, self._choose = inner, fault, choose
        self._now_ms, self._labels, self._patience_ms, self._topics = now_ms, labels, patience_ms, topics
        self._counts: dict[str, int] = {}
        self._receipts: dict[str, int] = {}
        self._held: list[_Held] = []
        self._order = 0
        self._busy_until: dict[str, float] = {}  # the device's line, for delay and bandwidth
        self._gone_until: dict[str, float] = {}
        self._overtaken: dict[str, list[tuple[int, str, bytes]]] = {}  # messages still to overtake, topic, payload

    def send(self, topic: str, payload: bytes) -> None:
        now, device = self._now_ms(), self._device(topic)
        self._release(now)
        amount = None
        if self._fault.kind != "lose_receipt" and self._concerns(topic):
            nth = self._counts[device] = self._counts.get(device, 0) + 1
            amount = self._choose(device, nth, payload, self._line_ms(device, payload, now))
        if amount is not None and self._fault.kind == "disconnect":
            self._gone_until[device] = max(now + amount, self._gone_until.get(device, 0.0))
        if now < self._gone_until.get(device, 0.0):
            return
        self._pass(topic, payload, device, now, amount)
        self._overtake(device, just_held=amount is not None and self._fault.kind == "reorder")

    def drain(self) -> list[Answer]:
        self._release(self._now_ms() + self._patience_ms)
        for device in sorted(self._overtaken):
            for _, topic, payload in self._overtaken.pop(device):
                self._inner.send(topic, payload)
        answers = sorted(self._inner.drain(), key=lambda a: (a[0], a[1].session_id, a[1].outcome, a[1].reason))
        return [answer for answer in answers if not self._lost(answer)]

    def close(self) -> None:
        self._held.clear()
        self._overtaken.clear()
        self._inner.close()

    def _pass(self, topic: str, payload: bytes, device: str, now: float, amount: int | None) -> None:
        kind, waits_until = self._fault.kind, self._busy_until.get(device, 0.0)
        if amount is not None:
            match kind:
                case "drop":
                    return
                case "delay" | "bandwidth":
                    waits_until = max(waits_until, now + amount)
                    self._busy_until[device] = waits_until
                case "duplicate":
                    self._hold(now + amount, topic, payload)
                case "reorder":
                    self._overtaken.setdefault(device, []).append((amount, topic, payload))
                    return
                case "truncate":
                    payload = payload[: len(payload) * amount // 1000]
                case "corrupt" if payload:
                    at = len(payload) * amount // 1000
                    payload = payload[:at] + bytes([payload[at] ^ 0x10]) + payload[at + 1 :]
                case _:
                    pass
        if waits_until > now:
            self._hold(waits_until, topic, payload)
        else:
            self._inner.send(topic, payload)

    def _overtake(self, device: str, *, just_held: bool) -> None:
        waiting = self._overtaken.pop(device, [])
        mine = waiting[-1:] if just_held else []
        left = [(more - 1, topic, payload) for more, topic, payload in waiting[: len(waiting) - len(mine)]]
        for more, topic, payload in left:
            if more <= 0:
                self._inner.send(topic, payload)
        self._overtaken[device] = [held for held in left if held[0] > 0] + mine

    def _hold(self, due_ms: float, topic: str, payload: bytes) -> None:
        self._order += 1
        heapq.heappush(self._held, (due_ms, self._order, topic, payload))

    def _release(self, until_ms: float) -> None:
        while self._held and self._held[0][0] <= until_ms:
            _, _, topic, payload = heapq.heappop(self._held)
            self._inner.send(topic, payload)

    def _lost(self, answer: Answer) -> bool:
        device = self._labels.get(answer[0], "?")
        if self._now_ms() < self._gone_until.get(device, 0.0):
            return True
        if self._fault.kind != "lose_receipt":
            return False
        nth = self._receipts[device] = self._receipts.get(device, 0) + 1
        return self._choose(device, nth, msgspec.json.encode(answer[1]), 0) is not None

    def _line_ms(self, device: str, payload: bytes, now: float) -> int:
        """Milliseconds until the device's connection has also carried this message."""
        if self._fault.kind != "bandwidth":
            return 0
        behind = max(0.0, self._busy_until.get(device, 0.0) - now)
        return round(behind + len(payload) * 1000 / self._fault.range[0])

    def _concerns(self, topic: str) -> bool:
        levels = self._topics.split(topic)
        if self._fault.of == "any":
            return levels[2:] != ["mute"]
        if levels[:1] == ["hermes"]:
            return self._fault.of == "frame"
        return "/".join(levels[2:]) == self._fault.of

    def _device(self, topic: str) -> str:
        levels = self._topics.split(topic)
        site = levels[2] if levels[:1] == ["hermes"] and len(levels) > 2 else levels[1] if len(levels) > 1 else ""
        return self._labels.get(site, "?")
