"""Cuts a plan into parts of equal time that run one after another. Pure."""

import msgspec

from simulator.plan.plan import Plan


def slices(plan: Plan, count: int) -> list[Plan]:
    """Each part has what begins in its time; outages and what nobody sent stay where they are, the latter in the first.

    Each part's clock begins with its time.
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
