"""One thing, searched as `earlid scan` searches a file: by its kind, with all that it holds."""

from collections.abc import Iterable

from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.sources.reader.reader import Unread, Wanted
from scenarios.leaks.sources.search import Search
from scenarios.leaks.sources.tally import ScanResult, Tally


def search_whole(wanted: Iterable[Wanted | Unread], detector: LeakDetector) -> ScanResult:
    """Search all that `opened` gives of a thing.

    What is said in a sound is left out: checks compare sounds with the truth (`spoken_secrets`).
    """
    tally = Tally()
    with Search(detector) as search:
        for told in search.each(wanted):
            if not isinstance(told, Unread):
                tally.add(*told)
            elif told.kind != "speech":
                tally.note(told)
    return tally.result()


def reasons(unread: Iterable[Unread]) -> tuple[str, ...]:
    """Kind, reason and details of what was not searched, each once and without a place."""
    return tuple(dict.fromkeys(map(_told, unread)))


def _told(unread: Unread) -> str:
    return f"{unread.kind}: {unread.why}" + (f" ({unread.detail})" if unread.detail else "")
