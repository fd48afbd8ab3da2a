"""Deletes by age: pseudonyms after their lifetime, clips after their retention; and a household's clips on request.

The gateway's clock decides. A test may drive that clock.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from gateway.contract.model import Contract


class Forgetting(Protocol):
    """What retention asks of the store; each returns how many clips it touched."""

    def unlink(self, kept_before: str) -> int:
        """Remove pseudonyms and owners of clips kept before a day; the clips stay."""

    def delete(self, kept_before: str) -> int:
        """Delete clips kept before a day, with everything that was written about them."""

    def delete_of(self, owned: Iterable[str]) -> int:
        """Delete every clip of these owners likewise."""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """How many clips lost their pseudonyms and how many were deleted."""

    unlinked: int
    deleted: int


def sweep(store: Forgetting, contract: Contract, now: datetime) -> Swept:
    """Delete what is due at `now`. A clip of day D with a lifetime of n days is due on day D + n."""
    lifetime, retention = contract.redact.pseudonyms.lifetime_days, contract.review.retention_days
    deleted = store.delete(first_day(now, retention)) if retention is not None else 0
    unlinked = store.unlink(first_day(now, lifetime)) if lifetime is not None else 0
    return Swept(unlinked=unlinked, deleted=deleted)


def first_day(now: datetime, days: int) -> str:
    """The first day whose clips may stay for `days`, as an ISO date."""
    return (now.date() - timedelta(days=days - 1)).isoformat()
