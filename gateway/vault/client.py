"""Asks the vault's process over its Unix domain socket. It holds no identities itself.

The gateway's service asks about sites, the review tool about customers. Each has its own credential.
"""

import http.client
import socket
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import quote

import msgspec

from gateway.files import reason_of
from gateway.vault.messages import (
    ACTING_FOR,
    UNKNOWN,
    CaseFacts,
    CaseList,
    CaseQuery,
    CaseRef,
    CaseRefused,
    CaseStanding,
    ContactQuery,
    CustomerFacts,
    Matched,
    NotForgotten,
    Owned,
    OwnedQuery,
    Reason,
    SiteFacts,
    Standing,
    TriesUsedUp,
    VaultUnavailable,
)

T = TypeVar("T", bound=msgspec.Struct)

_TIMEOUT_S = 5.0
_OWNERS_AT_ONCE = 2_000

_REFUSED: Mapping[int, type[Exception]] = {
    HTTPStatus.FORBIDDEN: CaseRefused,
    HTTPStatus.UNAUTHORIZED: CaseRefused,
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
        answer = self._send("POST", "/contacts/check", query, Matched, {HTTPStatus.TOO_MANY_REQUESTS: TriesUsedUp})
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
        known: Mapping[int, type[Exception]] = {HTTPStatus.CONFLICT: NotForgotten}
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
            if status == HTTPStatus.NOT_FOUND and body == UNKNOWN:
                return None
            if status == HTTPStatus.OK:
                return msgspec.json.decode(body, type=kind)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise VaultUnavailable(f"vault: {reason_of(error)}") from None
        raise known.get(status, VaultUnavailable)(f"vault: answered {status}")

    def _answer(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        # httpx has a transport for such sockets, but it leaves one open behind each question to a vault that is away.
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
