"""Messages between an operator and a gateway about the gateway's sites. One credential alone may use them."""

import msgspec

from gateway.wire import Name


class StatusQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A question on `earlid/gateway/status/ask/<token>`: about one site, or about all sites after a name."""

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
