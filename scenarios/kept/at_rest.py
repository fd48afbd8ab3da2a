"""Files that a system left on disk -> what stands in each, read by its kind as `earlid scan` reads it."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.sources.opened import opened_file
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.whole import reasons, search_whole
from scenarios.model.observations import Searched
from scenarios.report.shown.covered import leaves_open


def searched(
    paths: Iterable[Path], detector: LeakDetector, *, encrypted: Collection[str] = (), accepted: Collection[str] = ()
) -> Iterator[Searched]:
    """Each file with its findings, its name among what is searched. A name with an identity is masked.

    `encrypted` are names of files that hold ciphertext on purpose. They are searched as they lie there. `accepted` are
    kinds or reasons of unread parts that a person lets pass, as `earlid scan --accept-unread` takes them.
    """
    for path in paths:
        name = detector.masked(path.name)
        wanted = opened_file(Content(path), name, path=path.name.encode("utf-8", "replace"), masked=detector.masked)
        whole = search_whole(wanted, detector)
        left = () if path.name in encrypted else [each for each in whole.unread if leaves_open(each, accepted)]
        yield Searched(
            name=name,
            bytes=path.stat().st_size,
            # The store's join table is the harness's own: its tags are at rest there on purpose.
            findings=tuple(finding for finding in whole.findings if finding.field != "join_tag"),
            not_searched=reasons(left),
            encrypted=path.name in encrypted,
        )
