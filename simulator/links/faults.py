"""Faults between devices and their gateway. Each fault is a link around a link: seeded, recorded, replayable.

A fault's decision depends on the seed, its position in the list, the device's label, and the number of messages that
the device has sent. It does not depend on other devices, the inner link or the pace.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gateway.wire import Topics
from simulator.links.absence import Absence, AbsentLink
from simulator.links.fault_kinds import Event, Fault, Mark, ReplayError, Schedule
from simulator.links.fault_link import Choose, FaultLink
from simulator.links.link import Link


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
        absences: Sequence[Absence] = (),
    ) -> None:
        self.events = tuple(sorted(events, key=lambda event: event.at_ms))
        self.absences = tuple(absences)
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
        link = self.absent(link, now_ms)
        for place, fault in reversed(list(enumerate(self._faults))):
            choose = self._chooser(place, fault)
            link = FaultLink(link, fault, choose, now_ms, labels, patience_ms, Topics(topic_root))
        return link

    def absent(self, link: Link, now_ms: Callable[[], float]) -> Link:
        """The link through the times in which nobody listens at its other end; unchanged if there are none."""
        return AbsentLink(link, self.absences, now_ms) if self.absences else link

    def _chooser(self, place: int, fault: Fault) -> Choose:
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
