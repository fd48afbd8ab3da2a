"""One thing, searched as `earlid scan` searches a file: by its kind, with all that it holds."""

from collections.abc import Iterable

import msgspec

from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.sources.reader.reader import Unread, Wanted
from scenarios.leaks.sources.search import Search
from scenarios.verdict import Finding


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """`unread` is what was not searched, or not to its end."""

    findings: tuple[Finding, ...]
    unread: tuple[Unread, ...]

    @property
    def not_searched(self) -> tuple[str, ...]:
        """Kinds, reasons and details, each once."""
        return tuple(dict.fromkeys(map(_told, self.unread)))


def search_whole(wanted: Iterable[Wanted | Unread], detector: LeakDetector) -> Whole:
    """Search all that `opened` gives of a thing.

    What is said in a sound is left out: checks compare sounds with the truth (`spoken_secrets`).
    """
    findings: list[Finding] = []
    unread: list[Unread] = []
    with Search(detector) as search:
        for told in search.each(wanted):
            if isinstance(told, Unread):
                unread += [told] if told.kind != "speech" else []
                continue
            part, searched = told
            findings += [msgspec.structs.replace(each, how=(*part.how, *each.how)) for each in searched.findings]
            unread += [Unread(kind="text", name=part.name, why="over bounds", detail=note) for note in searched.notes]
    return Whole(findings=tuple(findings), unread=tuple(unread))


def _told(unread: Unread) -> str:
    return f"{unread.kind}: {unread.why}" + (f" ({unread.detail})" if unread.detail else "")
