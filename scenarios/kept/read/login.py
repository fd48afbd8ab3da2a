"""The ways to sign in to somebody's app. Each makes a client one of the app's users, or says in one line why it could
not."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from http.cookiejar import LoadError, MozillaCookieJar
from pathlib import Path
from stat import S_IMODE
from typing import Any

import httpx

from gateway.files import BadFile, reason_of
from scenarios.kept.read.clip import Unreadable
from scenarios.kept.read.credentials import value_of
from scenarios.kept.read.paths import text_at
from scenarios.model.targets.login import Login, Oidc
from simulator.wires.own_codec import named

_MOST = 1024 * 1024  # bytes of a login's answer
_OIDC_MOST_S = 600.0
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def log_in(client: httpx.Client, login: Login, beside: Path, allowed: Callable[[str], bool]) -> None:
    """Sign in. `allowed` says whether an address is on a host that the target file names.

    Raises:
        BadFile: a credential, a file or a callable is missing. Unreadable: the login is refused.
    """
    if login.bearer is not None:
        client.headers["Authorization"] = f"{login.scheme} {value_of(login.bearer, beside)}"
    elif login.cookies is not None:
        client.cookies.update(_jar(beside / login.cookies))
    elif login.oidc is not None:
        client.headers["Authorization"] = f"{login.scheme} {_confirmed(client, login.oidc, beside, allowed)}"
    elif login.python is not None:
        client.headers.update(_called(login.python, beside))
    elif login.user is not None and login.password is not None:
        _with_password(client, login, login.user, value_of(login.password, beside), allowed)


def _with_password(
    client: httpx.Client, login: Login, user: str, password: str, allowed: Callable[[str], bool]
) -> None:
    if login.url is None:
        client.auth = httpx.BasicAuth(user, password)
        return
    if not allowed(login.url):
        raise BadFile("target: login.url: is on a host that the target file does not name (kept.hosts)")
    fields = {login.user_field: user, login.password_field: password}
    if login.hidden:
        fields = {**_hidden(_text(_ask(client, "GET", login.url))), **fields}
    sent: dict[str, Any] = {"json": fields} if login.how == "json" else {"data": fields}
    answer = _ask(client, "POST", login.url, headers={"Referer": login.url} if login.hidden else {}, **sent)
    if not 200 <= answer.status_code < 400:
        sent_as = f"{login.user_field} and {login.password_field} were sent as {login.how}"
        raise Unreadable(f"the login answered {answer.status_code} ({sent_as}: user_field, password_field, how)")
    if login.token is not None:
        token = _at(answer, login.token)
        if not token:
            raise Unreadable("the login gave no token where login.token says")
        client.headers["Authorization"] = f"{login.scheme} {token}"
    elif login.how == "form" and not client.cookies:
        raise Unreadable("the login set no cookie, and login.token says no token")


def _confirmed(client: httpx.Client, oidc: Oidc, beside: Path, allowed: Callable[[str], bool]) -> str:
    """The access token, after a person has confirmed the sign-in (RFC 8628). Standard error says where, and with which
    code."""
    if not (allowed(oidc.device) and allowed(oidc.token)):
        raise BadFile("target: login.oidc: is on a host that the target file does not name (hosts)")
    who = {"client_id": oidc.client_id}
    if oidc.client_secret is not None:
        who["client_secret"] = value_of(oidc.client_secret, beside)
    first = _ask(client, "POST", oidc.device, data={**who, "scope": oidc.scope})
    device, code, where = (_at(first, key) for key in ("device_code", "user_code", "verification_uri"))
    if first.status_code != 200 or not (device and code and where):
        raise Unreadable(f"the device authorization answered {first.status_code}, without a code")
    sys.stderr.write(f"earlid: confirm at {_printable(where)} with the code {_printable(code)}\n")
    sys.stderr.flush()
    wait_s = _number(first, "interval", 5.0)
    until = time.monotonic() + min(_number(first, "expires_in", _OIDC_MOST_S), _OIDC_MOST_S)
    while time.monotonic() < until:
        asked = _ask(client, "POST", oidc.token, data={**who, "grant_type": _DEVICE_GRANT, "device_code": device})
        token, error = _at(asked, "access_token"), _at(asked, "error")
        if token:
            return token
        if error == "slow_down":
            wait_s += 5.0
        elif error != "authorization_pending":
            raise Unreadable(f"the provider does not let it in (answered {asked.status_code})")
        time.sleep(wait_s)
    raise Unreadable("nobody confirmed the login in time")


def _jar(path: Path) -> MozillaCookieJar:
    """The cookies of a cookies.txt file. Raises BadFile if it is missing, readable by others, or no such file."""
    try:
        if S_IMODE(path.stat().st_mode) & 0o077:
            raise BadFile(f"{path}: others may read these cookies; chmod 600 it")
        jar = MozillaCookieJar(path)
        jar.load(ignore_discard=True, ignore_expires=True)
    except (LoadError, UnicodeDecodeError):
        raise BadFile(f"{path}: not a cookies.txt as browsers export it") from None
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    for cookie in jar:
        if cookie.expires == 0:  # how browsers write a cookie of the session
            cookie.expires = None
    return jar


def _called(dotted: str, beside: Path) -> Mapping[str, str]:
    """The headers that a user's own function returns. Raises BadFile if the function is missing, and Unreadable if it
    raises or returns no headers."""
    function = named(dotted, beside, "login.python")
    try:
        headers = function()
    except Exception as error:  # the user's own code; its text may quote a credential
        raise Unreadable(f"the login's {dotted} raises {type(error).__name__}") from None
    if not isinstance(headers, Mapping) or not all(isinstance(w, str) for pair in headers.items() for w in pair):
        raise Unreadable(f"the login's {dotted} gives no headers by name")
    return headers


class _Inputs(HTMLParser):
    """Collects the hidden fields of a page's forms."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "input" and (said.get("type") or "").lower() == "hidden" and said.get("name"):
            self.found[str(said["name"])] = said.get("value") or ""


def _hidden(page: str) -> dict[str, str]:
    inputs = _Inputs()
    inputs.feed(page)
    return inputs.found


class _Answer:
    """The status and the bounded body of an answer."""

    def __init__(self, status_code: int, body: bytes) -> None:
        self.status_code, self.body = status_code, body


def _ask(client: httpx.Client, method: str, address: str, **more: Any) -> _Answer:
    try:
        with client.stream(method, address, **more) as response:
            body = b""
            for piece in response.iter_bytes(1 << 16):
                body += piece
                if len(body) >= _MOST:
                    raise Unreadable("the login's answer has no end")
            return _Answer(response.status_code, body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreadable(f"the login does not answer ({reason_of(error)})") from None


def _text(answer: _Answer) -> str:
    return answer.body.decode("utf-8", "replace")


def _at(answer: _Answer, path: str) -> str | None:
    try:
        return text_at(json.loads(answer.body), path)
    except (ValueError, RecursionError):
        return None


def _number(answer: _Answer, path: str, otherwise: float) -> float:
    try:
        return max(0.0, float(_at(answer, path) or otherwise))
    except ValueError:
        return otherwise


def _printable(text: str) -> str:
    """A text of a stranger's server, made safe for a terminal."""
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text)[:200]
