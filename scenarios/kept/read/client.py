"""Asks the declared hosts over HTTP and no others. Answers are bounded, and a login may come first."""

import time
from collections.abc import Iterable
from pathlib import Path

import httpx
import msgspec

from gateway.files import reason_of
from scenarios.kept.read.login import log_in
from scenarios.model.targets.login import Login

MOST_BYTES = 64 * 1024 * 1024  # of one answer
MOST_S = 120.0  # from its head to its end
_TIMEOUT_S = 20.0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. `whole` is false if its end was not seen within the bound."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool


class Client:
    """Signs in once. It asks `hosts` (host:port) and no others, one request after another, and follows no redirect.

    Raises:
        BadFile: a credential is missing. Unreadable: the login is refused.
    """

    def __init__(self, hosts: Iterable[str], login: Login | None, beside: Path) -> None:
        self._hosts = frozenset(hosts)
        self._client = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False)
        self._usual = frozenset(self._client.headers)
        if login is not None:
            try:
                log_in(self._client, login, beside, lambda address: host_of(address) in self._hosts)
            except BaseException:
                self._client.close()
                raise

    def close(self) -> None:
        self._client.close()

    def account(self) -> tuple[dict[str, str], dict[str, str]]:
        """(headers, cookies) that let another client of this machine in as the same person."""
        added = {name: value for name, value in self._client.headers.items() if name not in self._usual}
        if isinstance(self._client.auth, httpx.BasicAuth):
            asked = next(self._client.auth.auth_flow(httpx.Request("GET", "http://localhost/")))
            added["authorization"] = asked.headers["authorization"]
        return added, {cookie.name: cookie.value or "" for cookie in self._client.cookies.jar}

    def get(self, address: str) -> Answer | str:
        """The answer, or a text that says why there is none."""
        try:
            url = httpx.URL(address)
            if url.scheme not in ("http", "https") or host_of(address) not in self._hosts:
                return "is on a host that the target file does not name (kept.hosts)"
            with self._client.stream("GET", url) as response:
                return _read(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"does not answer ({reason_of(error)})"


def _read(response: httpx.Response) -> Answer:
    pieces, size, headers = [], 0, tuple(response.headers.multi_items())
    until = time.monotonic() + MOST_S
    for piece in response.iter_bytes(1 << 16):
        pieces.append(piece[: MOST_BYTES - size])
        size += len(pieces[-1])
        if size >= MOST_BYTES or time.monotonic() > until:
            return Answer(status=response.status_code, headers=headers, body=b"".join(pieces), whole=False)
    return Answer(status=response.status_code, headers=headers, body=b"".join(pieces), whole=True)


def host_of(address: str) -> str:
    """host:port of a URL. Raises httpx.InvalidURL."""
    url = httpx.URL(address)
    return f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"
