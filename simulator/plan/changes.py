"""What befalls the homes of a plan at a given time: muted microphones, wrong clocks, lost connections. Pure.

Homes are named by label ("H07"), times are simulated milliseconds after the fleet began. `until_ms` None: for good.
"""

from collections.abc import Collection
from typing import Literal

import msgspec

from simulator.plan import outages
from simulator.plan.outages import Outage
from simulator.plan.plan import Plan
from simulator.plan.planned import PlannedDevice, PlannedUtterance

_HELD = outages.Outages().holds


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """`by_ms` is how far clocks jump ahead; only `clock_step` has one."""

    what: Literal["mute", "clock_step", "partition"]
    homes: frozenset[str]
    from_ms: int
    until_ms: int | None = None
    by_ms: int = 0


def changed(plan: Plan, change: Change) -> Plan:
    """The plan with one change. Sounds that no device sends because of it are added to `unsent`."""
    devices, unsent = [], list(plan.unsent)
    for device in plan.devices:
        if device.label.rpartition("-")[0] not in change.homes:
            devices.append(device)
        elif change.what == "mute":
            devices.append(_muted(device, change, plan.settings.began_ms))
        elif change.what == "clock_step":
            at = plan.settings.began_ms + change.from_ms
            devices.append(msgspec.structs.replace(device, steps=(*device.steps, (at, change.by_ms))))
        else:
            reached, missed = _cut_off(device, change, plan.settings.began_ms)
            devices.append(reached)
            unsent += [said.unsent("offline") for said in missed]
    return msgspec.structs.replace(plan, devices=tuple(devices), unsent=tuple(unsent))


def in_hours(plan: Plan, homes: Collection[str], first: float, after: float) -> Plan:
    """The plan with microphones that are off each day from hour `first` to hour `after` (UTC); it may span midnight."""

    def off(said: PlannedUtterance) -> bool:
        hour = said.at_ms / 3_600_000 % 24
        return first <= hour < after if first <= after else hour >= first or hour < after

    devices = [
        _with_muted(device, [said for said in device.utterances if off(said)])
        if device.label.rpartition("-")[0] in homes
        else device
        for device in plan.devices
    ]
    return msgspec.structs.replace(plan, devices=tuple(devices))


def _muted(device: PlannedDevice, change: Change, began_ms: int) -> PlannedDevice:
    return _with_muted(device, [said for said in device.utterances if _holds(change, said.at_ms - began_ms)])


def _with_muted(device: PlannedDevice, which: Collection[PlannedUtterance]) -> PlannedDevice:
    off = {said.utterance_id for said in which if said.kind != "no_consent"}
    utterances = tuple(
        msgspec.structs.replace(said, kind="muted", expected="drop", acoustic=False)
        if said.utterance_id in off
        else said
        for said in device.utterances
    )
    return msgspec.structs.replace(device, utterances=utterances)


def _cut_off(device: PlannedDevice, change: Change, began_ms: int) -> tuple[PlannedDevice, list[PlannedUtterance]]:
    """(the device with one more time without a connection, what it cannot hold until then)."""
    last = max((said.at_ms for said in device.utterances), default=began_ms) + 86_400_000
    until = last if change.until_ms is None else began_ms + change.until_ms
    cut = Outage(kind="offline", from_ms=began_ms + change.from_ms, until_ms=until)
    apart = [each for each in device.outages if each.until_ms <= cut.from_ms or cut.until_ms <= each.from_ms]
    lost = outages.unheard([said.at_ms for said in device.utterances], [cut], _HELD)
    missed = [said for said, why in zip(device.utterances, lost, strict=True) if why]
    kept = tuple(said for said in device.utterances if said not in missed)
    every = tuple(sorted([*apart, cut], key=lambda outage: outage.from_ms))
    return msgspec.structs.replace(device, outages=every, utterances=kept), missed


def _holds(change: Change, at_ms: int) -> bool:
    return change.from_ms <= at_ms and (change.until_ms is None or at_ms < change.until_ms)
