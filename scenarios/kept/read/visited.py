"""What people at work in somebody's review app were answered."""

from collections.abc import Mapping

import msgspec

from scenarios.model.observations import LoadFigures, Response


class Visited(msgspec.Struct, frozen=True, kw_only=True):
    """What people at work in a review app were answered. `trouble` says why nobody could work. `refused` counts by
    status the answers that let nobody see a page."""

    responses: tuple[Response, ...] = ()
    load: LoadFigures | None = None
    trouble: str | None = None
    stopped: str | None = None
    warm: Mapping[int, int] = {}
    recorded: tuple[bytes, ...] = ()

    @property
    def refused(self) -> Mapping[int, int]:
        counts: dict[int, int] = {}
        for each in self.responses:
            if each.status in range(300, 500):
                counts[each.status] = counts.get(each.status, 0) + 1
        return counts
