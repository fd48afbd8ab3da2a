"""Asks a declared host over HTTP: within bounds, under a login, and nobody else."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import msgspec

from gateway.files import BadFile
from scenarios.kept.clip import Unreadable
from scenarios.kept.credentials import value_of
from scenarios.kept.paths import text_at
from scenarios.model.target_file import Login

MOST_BYTES = 64 * 1024 * 1024  # of one answer
_TIMEOUT_S = 20.0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`whole` is false when its end was not seen within the bound."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool


class Client:
    """Let in once; asks `hosts` (host:port) and nobody else, one question after another, and follows no redirect.

    Raises:
        BadFile: a credential is missing. Unreadable: the login does not let it in.
    """

    def __init__(self, hosts: Iterable[str], login: Login | None, beside: Path) -> None:
        self._hosts = frozenset(hosts)
        self._client = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False)
        if login is not None:
            self._log_in(login, beside)

    def close(self) -> None:
        self._client.close()

    def get(self, address: str) -> Answer | str:
        """An answer, or why there is none."""
        try:
            url = httpx.URL(address)
            if url.scheme not in ("http", "https") or host_of(address) not in self._hosts:
                return "is on a host that the target file does not name (kept.hosts)"
            with self._client.stream("GET", url) as response:
                return _read(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"does not answer ({type(error).__name__})"

    def _log_in(self, login: Login, beside: Path) -> None:
        if login.bearer is not None:
            self._client.headers["Authorization"] = f"Bearer {value_of(login.bearer, beside)}"
            return
        if login.user is None or login.password is None:
            raise BadFile("target: login: user and password are wanted")
        password = value_of(login.password, beside)
        if login.url is None:
            self._client.auth = httpx.BasicAuth(login.user, password)
            return
        if host_of(login.url) not in self._hosts:
            raise BadFile("target: login.url: is on a host that the target file does not name (kept.hosts)")
        fields = {login.user_field: login.user, login.password_field: password}
        try:
            sent: dict[str, Any] = {"json": fields} if login.how == "json" else {"data": fields}
            with self._client.stream("POST", login.url, **sent) as response:
                answer = _read(response)
        except httpx.HTTPError as error:
            raise Unreadable(f"the login does not answer ({type(error).__name__})") from None
        if not 200 <= answer.status < 400:
            raise Unreadable(f"the login answered {answer.status}")
        if login.token is not None:
            try:
                token = text_at(json.loads(answer.body), login.token)
            except (ValueError, RecursionError):
                token = None
            if not token:
                raise Unreadable("the login gave no token where login.token says")
            self._client.headers["Authorization"] = f"Bearer {token}"


def _read(response: httpx.Response) -> Answer:
    pieces, size, headers = [], 0, tuple(response.headers.multi_items())
    for piece in response.iter_bytes(1 << 16):
        pieces.append(piece[: MOST_BYTES - size])
        size += len(pieces[-1])
        if size >= MOST_BYTES:
            return Answer(status=response.status_code, headers=headers, body=b"".join(pieces), whole=False)
    return Answer(status=response.status_code, headers=headers, body=b"".join(pieces), whole=True)


def host_of(address: str) -> str:
    """host:port. Raises httpx.InvalidURL."""
    url = httpx.URL(address)
    return f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"
