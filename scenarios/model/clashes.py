"""Events of a timeline that contradict one another: what is stopped cannot be stopped, and who is gone cannot go."""

from collections.abc import Iterable, Sequence

from scenarios.model.fleet import Fleet, homes_named
from scenarios.model.timeline import Happening
from scenarios.model.times import in_words
from scenarios.model.validated import Locate

_PARTS = ("gateway", "broker", "vault")
_WHOSE = ("mute", "partition")  # events that last, of some homes


def clashes(timeline: Sequence[Happening], fleet: Fleet) -> Iterable[Locate]:
    """Each event that cannot happen as an earlier one has left things; paths from the scenario's top."""
    order = sorted(range(len(timeline)), key=lambda at: timeline[at].at)
    for number, place in enumerate(order):
        event = timeline[place]
        before = [timeline[other] for other in order[:number]]
        for says in (_still(event, before, fleet), _gone(event, before, fleet)):
            if says is not None:
                yield ("timeline", place), f"{event.do}: {says}"
                break


def _still(event: Happening, before: Sequence[Happening], fleet: Fleet) -> str | None:
    """What lasts, if the event befalls the same thing."""
    for other in before:
        if other.until is None or event.at >= other.until or _thing(event) != _thing(other) or _thing(event) is None:
            continue
        if event.do not in _WHOSE or _homes(event, fleet) & _homes(other, fleet):
            return (
                f"{other.do} lasts from {in_words(other.at)} to {in_words(other.until)}; before or after it is wanted"
            )
    return None


def _gone(event: Happening, before: Sequence[Happening], fleet: Fleet) -> str | None:
    if event.do not in ("household_forgotten", "consent_withdrawn"):
        return None
    for other in before:
        both = _homes(event, fleet) & _homes(other, fleet)
        if both and other.do in ("household_forgotten", event.do):
            what = "forgotten" if other.do == "household_forgotten" else "withdrawn"
            return f"{min(both)}: {what} already at {in_words(other.at)}"
    return None


def _thing(event: Happening) -> str | None:
    """What the event befalls: two at once would undo each other."""
    part = event.do.partition("_")[0]
    if part in _PARTS:
        return part
    if event.do == "link":
        return f"link {event.side}"
    return event.do if event.do in (*_WHOSE, "disk_full") else None


def _homes(event: Happening, fleet: Fleet) -> frozenset[str]:
    try:
        return homes_named(fleet, event.household, event.cohort)
    except ValueError:
        return frozenset()  # told by its own fault
