"""Lets somebody's own system delete what is due on later days, and counts what is left: for the check retention."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.contract.model import Contract
from gateway.files import BadFile
from scenarios.kept.read.clip import Read, Unreadable
from scenarios.kept.read.readers import read_kept
from scenarios.model.observations import Aged
from scenarios.model.targets.target_file import Own
from scenarios.model.timeline import Happening
from scenarios.own_system.events import called
from scenarios.run.ageing import probes
from scenarios.run.processes import ProcessDied

_DAY_MS = 86_400_000


def days_to_look_at(contract: Contract, timeline: Sequence[Happening]) -> list[int]:
    """The days before and after each end that the contract promises, and those of the timeline."""
    later = (-(-event.after // _DAY_MS) for event in timeline if event.after)
    return sorted({*probes(contract), *later})


def aged(
    target: Own,
    beside: Path,
    days: Sequence[int],
    read: Read | str,
    older: int,
    *,
    call: Callable[[Sequence[str], str, Path], None] = called,
) -> tuple[tuple[Aged, ...], str | None]:
    """(one observation for each day, why there are none or not all). Day 0 is the store as it was read.

    The target's `sweep` runs once for each later day, in order. It deletes for good, so that this comes last.
    """
    if target.sweep is None or isinstance(read, str):
        return (), None
    if older:
        return (), f"{older} clips were there before the fleet spoke; retention wants a store that was empty"
    found = [_seen(0, read)]
    now = datetime.now(UTC)
    for day in (day for day in days if day > 0):
        then = (now + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%S")
        words = [word.replace("{now}", then).replace("{days}", str(day)) for word in target.sweep]
        try:
            call(words, "sweep", beside)
            left = read_kept(target, beside)
        except (ProcessDied, Unreadable, BadFile) as error:
            return (), f"day {day}: {error}"
        if left.notes:
            return (), f"day {day}: not everything could be read: {'; '.join(left.notes)}"
        found.append(_seen(day, left))
    return tuple(found), None


def _seen(day: int, read: Read) -> Aged:
    linked = sum(clip.pseudonym is not None for clip in read.clips)
    return Aged(days=day, clips=len(read.clips), linked=linked, owned=0)
