"""What an operator asks a gateway of its sites, and what it answers: a door of its own, for one credential."""

import msgspec

from gateway.wire import Name


class StatusQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Asked on `earlid/gateway/status/ask/<token>`: of one site, or of all that come after a name."""

    site_id: Name | None = None
    after: str = ""


class SiteStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an operator may know of one site, since the gateway started. `last_seen_ms` is the gateway's clock; by so
    much the device's last start was ahead of it (`clock_offset_ms`). `known`: a household has it."""

    site_id: str
    last_seen_ms: int
    frames: int = 0
    unreadable: int = 0
    last_outcome: str | None = None
    last_reason: str | None = None
    clock_offset_ms: int | None = None
    muted: bool = False
    known: bool | None = None


class Statuses(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answered on `earlid/gateway/status/told/<token>`, by name; `more` come after the last."""

    sites: list[SiteStatus]
    more: bool = False
