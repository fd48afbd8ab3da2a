"""Cuts a plan into parts of equal time that run one after another. Pure."""

import msgspec

from simulator.plan.plan import Plan


def slices(plan: Plan, count: int) -> list[Plan]:
    """Cut a plan into parts of equal time. Each part has the utterances that begin in its time, and its own clock.

    Outages are in every part. Unsent sounds are in the first part.
    """
    if count < 2:
        return [plan]
    times = [said.at_ms for said in plan.utterances]
    began = plan.settings.began_ms
    span = (max(times, default=began) - began) // count + 1
    parts = []
    for at in range(count):
        start = began + at * span
        devices = tuple(
            msgspec.structs.replace(
                device, utterances=tuple(said for said in device.utterances if start <= said.at_ms < start + span)
            )
            for device in plan.devices
        )
        settings = msgspec.structs.replace(plan.settings, began_ms=start)
        parts.append(Plan(settings=settings, devices=devices, unsent=plan.unsent if at == 0 else ()))
    return parts
