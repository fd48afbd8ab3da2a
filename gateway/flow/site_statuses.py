"""The last status of each site, in memory, for an operator who asks why nothing happens.

A status tells that something was dropped. So it is in no log, no file and no other answer.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from gateway.operator_messages import SiteStatus, Statuses, StatusQuery
from gateway.reasons import REASONS

_SITES = 4_096
_AT_ONCE = 200  # sites in one answer; brokers limit the size of a message
_LONGEST = 64 * 1024


@dataclass(slots=True)
class _Seen:
    last_ms: int
    frames: int = 0
    unreadable: int = 0
    outcome: str | None = None
    reason: str | None = None
    offset_ms: int | None = None


class SiteStatuses:
    """The statuses of at most 4,096 sites. The least recent one is forgotten first. One worker owns it.

    `now_ms` gives the gateway's clock in epoch milliseconds.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._sites: OrderedDict[str, _Seen] = OrderedDict()

    def heard(self, site_id: str, *, frames: int = 0, unreadable: int = 0, at_ms: int | None = None) -> None:
        """Note a message of this site. `at_ms` is the device's time, if the message states one."""
        seen = self._seen(site_id)
        seen.last_ms = self._now_ms()
        seen.frames += frames
        seen.unreadable += unreadable
        if at_ms is not None:
            seen.offset_ms = at_ms - seen.last_ms

    def told(self, site_id: str, reason: str) -> None:
        """Note the reason of the site's last receipt, or why its audio is ignored."""
        seen = self._seen(site_id)
        seen.outcome, seen.reason = REASONS[reason].outcome, reason

    def answer(self, query: StatusQuery, muted: Callable[[str], bool], known: Callable[[str], bool | None]) -> Statuses:
        """The status of one site, or of the next sites by name. `more` says whether others follow."""
        if query.site_id is not None:
            names = [query.site_id] if query.site_id in self._sites else []
        else:
            names = sorted(name for name in self._sites if name > query.after)
        told: list[SiteStatus] = []
        size = 0
        for name in names[:_AT_ONCE]:
            size += 300 + 6 * len(name)
            if size > _LONGEST:
                break
            seen = self._sites[name]
            told.append(
                SiteStatus(
                    site_id=name,
                    last_seen_ms=seen.last_ms,
                    frames=seen.frames,
                    unreadable=seen.unreadable,
                    last_outcome=seen.outcome,
                    last_reason=seen.reason,
                    clock_offset_ms=seen.offset_ms,
                    muted=muted(name),
                    known=known(name),
                )
            )
        return Statuses(sites=told, more=len(told) < len(names))

    def _seen(self, site_id: str) -> _Seen:
        seen = self._sites.pop(site_id, None) or _Seen(last_ms=self._now_ms())
        self._sites[site_id] = seen
        if len(self._sites) > _SITES:
            self._sites.popitem(last=False)
        return seen
