"""What one device will hear and how patient it is. The plan makes it, and the device uses it."""

from typing import Literal

import msgspec

from gateway.wire import Context
from simulator.plan.outages import Outage
from simulator.sound.scenes import Scene
from simulator.world.truth import Disposition, Kind, Unsent, Why


class PlannedUtterance(msgspec.Struct, frozen=True, kw_only=True):
    """One planned utterance; it becomes a `truth.Utterance`. `at_ms` is event time in epoch milliseconds."""

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
    """One device and its utterances in order of time. `label` ("H07-D1") is for the harness and never on the wire.

    `skew_ms` is how far the device's clock is ahead; from each of `steps` (epoch ms, ms) on, that much more. `outages`
    are in true time. `habits` are its own; None means those of its fleet.
    """

    label: str = ""
    skew_ms: int = 0
    site_id: str
    context: Context
    utterances: tuple[PlannedUtterance, ...]
    outages: tuple[Outage, ...] = ()
    steps: tuple[tuple[int, int], ...] = ()
    habits: "Habits | None" = None

    def ahead_ms(self, at_ms: int) -> int:
        """How far its clock is ahead at a true time."""
        return self.skew_ms + sum(by for since, by in self.steps if since <= at_ms)


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """How patient devices are: the milliseconds they wait for a receipt, and the number of sendings of an utterance.

    Without `receipts` a device sends once and waits for no receipt. This needs a paced clock.
    """

    deadline_ms: int = 15_000
    attempts: int = 3
    receipts: bool = True


SEND_ONCE = Habits(attempts=1, receipts=False)
