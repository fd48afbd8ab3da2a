"""Asks somebody's review app who is let in where: each declared role, and one who is not signed in. By GET alone."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec

from scenarios.kept.read.client import Answer, Client, host_of
from scenarios.kept.read.clip import Unreadable
from scenarios.kept.read.review import Looked, shape, template
from scenarios.model.observations import Probe
from scenarios.model.targets.review import Review, Role

NOBODY = "somebody who is not signed in"
_FORM = (b'type="password"', b"type='password'", b"type=password")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Every question that was settled, and in one line each those that were not."""

    probes: tuple[Probe, ...] = ()
    unsettled: tuple[str, ...] = ()


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. `wanted` says whether this role must be let in. `got` is its status, or why there was none."""

    role: str
    route: str
    wanted: bool
    got: Answer | str


def entry(review: Review, beside: Path, looked: Looked, ids: Mapping[str, str]) -> Entry:
    """Ask each role for what it must see and what it must not. With a login, what the signed-in reader saw of
    `review.routes` and `review.clips` is asked once more without one, but for `review.public`.

    `ids` are the kept clips' own ids by label. A refusal by 404 counts where another role is let in. Otherwise the
    route may not be there at all.

    Raises:
        BadFile: a credential is missing.
    """
    let_in = {page.route for page in looked.pages if page.status < 300}
    opened = {page.clip for page in looked.pages if page.clip is not None and page.status < 300}
    one = next((known for label, known in ids.items() if label in opened), next(iter(ids.values()), None))
    told: list[_Told] = []
    unsettled: list[str] = []
    for role in (*_without_login(review, let_in), *review.roles):
        try:
            told += _asked(review, role, beside, one)
        except Unreadable as error:
            unsettled.append(f"as {role.role}: {error}")
    known = let_in | {each.route for each in told if isinstance(each.got, Answer) and each.got.status < 300}
    probes: list[Probe] = []
    for each in told:
        held, got = _judged(each, known)
        if held is None:
            unsettled.append(f"{each.role} asks GET {each.route}: {got}")
        else:
            wanted = "must be let in" if each.wanted else "must not"
            probes.append(Probe(of="access", asked=f"{each.role} asks GET {each.route}, {wanted}", held=held, got=got))
    return Entry(probes=tuple(probes), unsettled=tuple(dict.fromkeys(unsettled)))


def _without_login(review: Review, let_in: Collection[str]) -> Iterator[Role]:
    """What only people who are signed in may see: all that the target file names and the reader saw."""
    base = httpx.URL(review.url)
    routes = [
        route
        for route in dict.fromkeys((*review.routes, *review.clips))
        if route not in review.public and shape(base, route) in let_in
    ]
    if review.login is not None and routes:
        yield Role.model_construct(role=NOBODY, login=None, allowed=(), refused=tuple(routes))


def _asked(review: Review, role: Role, beside: Path, one: str | None) -> Iterator[_Told]:
    base = httpx.URL(review.url)
    client = Client({host_of(review.url), *review.hosts}, role.login, beside)
    try:
        for wanted, routes in ((True, role.allowed), (False, role.refused)):
            for route in routes:
                name = shape(base, route)
                if "{id}" in route and one is None:
                    yield _Told(role=role.role, route=name, wanted=wanted, got="no clip is kept to ask for")
                    continue
                address = base.join(route.replace("{id}", quote(one or "", safe="")))
                yield _Told(role=role.role, route=name, wanted=wanted, got=client.get(str(address)))
    finally:
        client.close()


def _judged(told: _Told, known: Collection[str]) -> tuple[bool | None, str]:
    """(whether it was as it should be, or None if that is open; what was answered)."""
    if isinstance(told.got, str):
        return None, told.got
    status = told.got.status
    if status >= 500 or status == 429:
        return None, f"{status}"
    if told.wanted:
        return (True, f"{status}") if status < 300 else (False, f"{status}")
    if status < 300:
        if any(mark in told.got.body.lower() for mark in _FORM):
            return None, f"{status} with a field for a password: a sign-in page, or the page itself?"
        return False, f"{status}"
    if status in (401, 403):
        return True, f"{status}"
    if status < 400:
        return _redirected(told.route, told.got)
    if told.route in known and status in (404, 410):
        return True, f"{status}"
    return None, f"{status}, and no role is known to be let in: the route may not be there"


def _redirected(route: str, got: Answer) -> tuple[bool | None, str]:
    """A redirect to another page is a refusal; one to the same page with a slash more or less says nothing."""
    to = next((value for name, value in got.headers if name.lower() == "location"), "")
    try:
        path = template(httpx.URL("http://-/").join(to)) if to else ""
    except httpx.InvalidURL:
        path = ""
    if not path or path.rstrip("/") == route.rstrip("/"):
        return None, f"{got.status} to the same page"
    return True, f"{got.status} to another page"
