"""What one device will say and how patient it is: the plan's output and the device's input."""

from typing import Literal

import msgspec

from gateway.wire import Context
from simulator.plan.outages import Outage
from simulator.sound.scenes import Scene
from simulator.world.truth import Disposition, Kind, Unsent, Why


class PlannedUtterance(msgspec.Struct, frozen=True, kw_only=True):
    """What a device will say: `truth.Utterance` before it sounds. `at_ms` is epoch milliseconds, event time."""

    utterance_id: str
    household_id: str
    site_id: str
    session_id: str
    at_ms: int
    kind: Kind
    intent: str
    expected: Disposition
    acoustic: bool
    trigger: Literal["wake", "button"]
    text: str
    scene: Scene
    same_as: str | None = None

    def unsent(self, why: Why) -> Unsent:
        return Unsent(
            utterance_id=self.utterance_id,
            household_id=self.household_id,
            device=self.site_id,
            session_id=self.session_id,
            at_ms=self.at_ms,
            kind=self.kind,
            intent=self.intent,
            why=why,
        )


class PlannedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One device and all it will say, in order of time. `label` is the harness's ("H07-D1"), never on the wire.

    `skew_ms` is how far its own clock, which stamps what it sends, is ahead; `outages` are in true time.
    """

    label: str = ""
    skew_ms: int = 0
    site_id: str
    context: Context
    utterances: tuple[PlannedUtterance, ...]
    outages: tuple[Outage, ...] = ()


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """How patient devices are: simulated milliseconds for a receipt, and how often an utterance is sent in all.

    Without `receipts` a device asks for none and sends once: for a gateway that gives none, on a paced clock.
    """

    deadline_ms: int = 15_000
    attempts: int = 3
    receipts: bool = True


SEND_ONCE = Habits(attempts=1, receipts=False)
