"""What the vault is asked and what it answers, as JSON. The vault's process and its clients share these types."""

from typing import Annotated, Literal

import msgspec

UNKNOWN = b'{"error":"unknown"}'
ACTING_FOR = "X-Earlid-Officer"

Reason = Literal["threat_to_life", "child_at_risk", "violence", "legal_duty"]


class VaultUnavailable(Exception):
    """The vault gave no valid answer. The text never names the person that the question was about."""


class SiteFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a gateway needs to gate and redact one device's clips. Never stored.

    `household_key` is opaque and stays the same as long as the vault's key. `names` are all names of members and
    contacts, also given and family names alone. `contact_names` are those of contacts only. Degrees are WGS 84.
    `owner` is the household, sealed by the vault. It is another text at every question. A clip is stored with it, so
    that only the vault can say whose clip it is. `homes_in_town` and `homes_in_cell` (by geohash level, from 1) count
    the homes of this vault, including this one.
    """

    household_key: str
    consent: bool
    customer_id: str | None = None
    serial: str | None = None
    given_name: str | None = None
    city: str | None = None
    state: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    names: tuple[str, ...] = ()
    contact_names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    owner: str | None = None
    homes_in_town: int = 0
    homes_in_cell: tuple[int, ...] = ()


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a device may be listened to. It names nobody. `household_key` is as in SiteFacts."""

    household_key: str
    consent: bool


class PlaceFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class ContactFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`phones` come with some digits obscured."""

    name: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


class CustomerFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a customer look-up shows a reviewer, if the contract has it. `phones` are partly obscured."""

    customer_id: str
    home: PlaceFacts | None = None
    work: tuple[PlaceFacts, ...] = ()
    phones: tuple[str, ...] = ()
    contacts: tuple[ContactFacts, ...] = ()


class ContactQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`heard` is the name that `reviewer` (an account) heard, up to 80 characters. `owner` is as in SiteFacts."""

    owner: str
    reviewer: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    clip: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
    heard: Annotated[str, msgspec.Meta(max_length=80)]


class CaseQuery(msgspec.Struct, frozen=True, kw_only=True):
    owner: str
    clip: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
    reason: Reason


class CaseRef(msgspec.Struct, frozen=True, kw_only=True):
    case: str


class CaseStanding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an officer sees of a case before deciding: who asks, why, and about which clip. Nothing of the household.

    `opens` counts how often it was read. Times are ISO 8601.
    """

    case: str
    clip: str
    reason: Reason
    asked_by: str
    asked_at: str
    state: Literal["waiting", "open", "denied", "closed"]
    decided_by: str | None = None
    opens: int = 0


class CaseList(msgspec.Struct, frozen=True, kw_only=True):
    cases: tuple[CaseStanding, ...]


class CaseFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an open break-glass case shows, as far as the contract allows it."""

    home: PlaceFacts | None = None
    phones: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class OwnedQuery(msgspec.Struct, frozen=True, kw_only=True):
    site_id: str
    owners: list[str]


class Owned(msgspec.Struct, frozen=True, kw_only=True):
    """The owners, among those asked about, that are the site's household."""

    owners: list[str]


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    match: bool


class TriesUsedUp(Exception):
    """The vault answers no more contact checks for this clip, or none for this reviewer now."""


class CaseRefused(Exception):
    """The wrong person, the wrong time or the wrong case. The caller is not told which."""


class NotForgotten(Exception):
    """The vault cannot write its file: the household is still in it."""
