"""Asks the vault's process over its Unix domain socket. It holds no identities itself.

The gateway's service asks about sites, the review tool about customers. Each has its own credential.
"""

import http.client
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, TypeVar
from urllib.parse import quote

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

UNKNOWN = b'{"error":"unknown"}'
ACTING_FOR = "X-Earlid-Officer"
_TIMEOUT_S = 5.0
_OWNERS_AT_ONCE = 2_000

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


_REFUSED: Mapping[int, type[Exception]] = {
    http.HTTPStatus.FORBIDDEN: CaseRefused,
    http.HTTPStatus.UNAUTHORIZED: CaseRefused,
}


class VaultClient:
    """One client of a vault. Safe to call from several threads.

    Every method raises VaultUnavailable when the vault is not there, refuses the credential, or answers
    anything but the published shape.
    """

    def __init__(self, socket: Path, token: str, acting_for: str | None = None) -> None:
        """`acting_for` is the officer whose session the key came with. The vault refuses the key of another officer."""
        self._path, self._headers = str(socket), {"Authorization": f"Bearer {token}"}
        if acting_for is not None:
            self._headers[ACTING_FOR] = acting_for

    def standing(self, site_id: str) -> Standing | None:
        """None when no household has this device."""
        return self._ask("/standing/", site_id, Standing)

    def site(self, site_id: str) -> SiteFacts | None:
        """None when no household has this device."""
        return self._ask("/sites/", site_id, SiteFacts)

    def customer(self, customer_id: str) -> CustomerFacts | None:
        """None if there is no such customer. Raises VaultUnavailable if the contract has no look-up."""
        return self._ask("/customers/", customer_id, CustomerFacts)

    def contact_matches(self, owner: str, reviewer: str, clip: str, heard: str) -> bool | None:
        """Whether a contact of the clip's household has such a name. None if the clip's household is not known.

        Raises:
            TriesUsedUp.
        """
        query = ContactQuery(owner=owner, reviewer=reviewer, clip=clip, heard=heard)
        answer = self._send("POST", "/contacts/check", query, Matched, {http.HTTPStatus.TOO_MANY_REQUESTS: TriesUsedUp})
        return answer.match if answer else None

    def ask_case(self, owner: str, clip: str, reason: Reason) -> str | None:
        """Open a case with an officer's token. Returns its id, or None if the clip's household is not known.

        Raises:
            CaseRefused: too many cases wait.
        """
        answer = self._send("POST", "/cases", CaseQuery(owner=owner, clip=clip, reason=reason), CaseRef, _REFUSED)
        return answer.case if answer else None

    def approve_case(self, case: str) -> None:
        """By another officer than the one who asked. Raises CaseRefused."""
        self._send("POST", f"/cases/{quote(case, safe='')}/approval", None, CaseRef, _REFUSED)

    def deny_case(self, case: str) -> None:
        """By another officer than who asked. Raises CaseRefused."""
        self._send("POST", f"/cases/{quote(case, safe='')}/denial", None, CaseRef, _REFUSED)

    def close_case(self, case: str) -> None:
        """By the officer who asked or the one who approved, before its time is over. Raises CaseRefused."""
        self._send("DELETE", f"/cases/{quote(case, safe='')}", None, CaseRef, _REFUSED)

    def cases(self) -> tuple[CaseStanding, ...]:
        """Every case that waits or is open, as an officer may see it before deciding. Raises CaseRefused."""
        answer = self._send("GET", "/cases", None, CaseList, _REFUSED)
        return answer.cases if answer else ()

    def case(self, case: str) -> CaseFacts | None:
        """What an approved case shows, while it is open, to the officer who asked. Raises CaseRefused."""
        return self._send("GET", f"/cases/{quote(case, safe='')}", None, CaseFacts, _REFUSED)

    def owned(self, site_id: str, owners: Sequence[str]) -> list[str]:
        """Which of these stored owners are the household of this device."""
        found: list[str] = []
        for at in range(0, len(owners), _OWNERS_AT_ONCE):
            query = OwnedQuery(site_id=site_id, owners=list(owners[at : at + _OWNERS_AT_ONCE]))
            answer = self._send("POST", "/owned", query, Owned)
            found += answer.owners if answer else []
        return found

    def forget(self, site_id: str) -> bool:
        """Let the vault forget the household of this device; False when it knows none. Raises NotForgotten."""
        known: Mapping[int, type[Exception]] = {http.HTTPStatus.CONFLICT: NotForgotten}
        return self._send("DELETE", "/sites/" + quote(site_id, safe=""), None, Matched, known) is not None

    def close(self) -> None:
        """Nothing to close: no connection stays open between two questions."""

    def _ask(self, route: str, name: str, kind: type[T]) -> T | None:
        return self._send("GET", route + quote(name, safe=""), None, kind)

    def _send(
        self,
        method: str,
        path: str,
        query: msgspec.Struct | None,
        kind: type[T],
        known: Mapping[int, type[Exception]] = MappingProxyType({}),
    ) -> T | None:
        try:
            status, body = self._answer(method, path, msgspec.json.encode(query) if query else None)
            if status == http.HTTPStatus.NOT_FOUND and body == UNKNOWN:
                return None
            if status == http.HTTPStatus.OK:
                return msgspec.json.decode(body, type=kind)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise VaultUnavailable(f"vault: {type(error).__name__}") from None
        raise known.get(status, VaultUnavailable)(f"vault: answered {status}")

    def _answer(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("vault")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(_TIMEOUT_S)
            line.connect(self._path)
            connection.sock = line
            connection.request(method, path, body=content, headers=self._headers)
            answer = connection.getresponse()
            try:
                return answer.status, answer.read()
            finally:
                answer.close()


class InMemoryVault:
    """The same answers from two mappings, for tests and tools without a vault's process."""

    def __init__(
        self,
        sites: Mapping[str, SiteFacts] | None = None,
        customers: Mapping[str, CustomerFacts] | None = None,
        contact_matches: Callable[[str, str, str, str], bool | None] | None = None,
    ) -> None:
        self._sites, self._customers, self._matches = dict(sites or {}), dict(customers or {}), contact_matches

    def standing(self, site_id: str) -> Standing | None:
        facts = self._sites.get(site_id)
        return Standing(household_key=facts.household_key, consent=facts.consent) if facts else None

    def site(self, site_id: str) -> SiteFacts | None:
        return self._sites.get(site_id)

    def customer(self, customer_id: str) -> CustomerFacts | None:
        return self._customers.get(customer_id)

    def contact_matches(self, owner: str, reviewer: str, clip: str, heard: str) -> bool | None:
        return self._matches(owner, reviewer, clip, heard) if self._matches else None

    def close(self) -> None:
        """Nothing to close."""
