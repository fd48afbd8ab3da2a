"""The door to the vault: asks the vault's process over its Unix domain socket. Holds no identities itself.

The gateway's service asks for sites, the review tool for customers; each brings its own credential.
"""

import http.client
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

UNKNOWN = b'{"error":"unknown"}'
_TIMEOUT_S = 5.0


class VaultUnavailable(Exception):
    """The vault did not answer as it should. The text never names who was asked for."""


class SiteFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a gateway needs to gate and redact one device's clips. Never stored.

    `household_key` is opaque and lasts as long as the vault's key. `names` are all names of members and contacts,
    given and family names apart too; `contact_names` are the contacts' alone. Degrees, WGS 84. `owner` is the
    household sealed by the vault, another text at every ask: stored with a clip, it lets the vault alone say whose
    clip it is. `homes_in_town` and `homes_in_cell` (by geohash level, from 1) count homes of this vault, this one
    included.
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
    """What a customer look-up tells a reviewer under a contract that has one; `phones` partly obscured."""

    customer_id: str
    home: PlaceFacts | None = None
    work: tuple[PlaceFacts, ...] = ()
    phones: tuple[str, ...] = ()
    contacts: tuple[ContactFacts, ...] = ()


class VaultDoor:
    """One client of a vault. Safe to call from several threads.

    Every method raises VaultUnavailable when the vault is not there, refuses the credential, or answers
    anything but the published shape.
    """

    def __init__(self, socket: Path, token: str) -> None:
        self._path, self._headers = str(socket), {"Authorization": f"Bearer {token}"}

    def site(self, site_id: str) -> SiteFacts | None:
        """None when no household has this device."""
        return self._ask("/sites/", site_id, SiteFacts)

    def customer(self, customer_id: str) -> CustomerFacts | None:
        """None when there is no such customer; VaultUnavailable when the contract has no look-up."""
        return self._ask("/customers/", customer_id, CustomerFacts)

    def close(self) -> None:
        """Nothing stays open between asks: a vault that was started again is simply asked again."""

    def _ask(self, route: str, name: str, kind: type[T]) -> T | None:
        try:
            status, body = self._get(route + quote(name, safe=""))
            if status == http.HTTPStatus.NOT_FOUND and body == UNKNOWN:
                return None
            if status != http.HTTPStatus.OK:
                raise VaultUnavailable(f"vault: answered {status}")
            return msgspec.json.decode(body, type=kind)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise VaultUnavailable(f"vault: {type(error).__name__}") from None

    def _get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("vault")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(_TIMEOUT_S)
            line.connect(self._path)
            connection.sock = line
            connection.request("GET", path, headers=self._headers)
            answer = connection.getresponse()
            try:
                return answer.status, answer.read()
            finally:
                answer.close()


class VaultMemory:
    """The same answers from two mappings, for tests and tools without a vault's process."""

    def __init__(
        self,
        sites: Mapping[str, SiteFacts] | None = None,
        customers: Mapping[str, CustomerFacts] | None = None,
    ) -> None:
        self._sites, self._customers = dict(sites or {}), dict(customers or {})

    def site(self, site_id: str) -> SiteFacts | None:
        return self._sites.get(site_id)

    def customer(self, customer_id: str) -> CustomerFacts | None:
        return self._customers.get(customer_id)

    def close(self) -> None:
        """Nothing to let go of."""
