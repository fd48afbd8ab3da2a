"""One fault around one link."""

import heapq
from collections.abc import Callable, Mapping

import msgspec

from gateway.wire import Topics
from simulator.links.fault_kinds import Fault
from simulator.links.link import Answer, Link

# device, number of its message, the message, milliseconds a line of this bandwidth needs -> the amount, or None
Choose = Callable[[str, int, bytes, int], int | None]
_Held = tuple[float, int, str, bytes]  # when it is due, order of coming, topic, payload


class FaultLink:
    """Passes messages to `inner`, except what the fault does to them. `choose` decides whether it happens."""

    def __init__(
        self,
        inner: Link,
        fault: Fault,
        choose: Choose,
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
        here = self._fault.concerns(device, now)
        if self._fault.kind != "lose_receipt" and here and self._concerns(topic):
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
        if self._fault.kind != "lose_receipt" or not self._fault.concerns(device, self._now_ms()):
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
