"""Looks at somebody's review app as one of its users: the declared routes, and the pages they link to."""

import contextlib
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import httpx
import msgspec

from gateway.files import BadFile
from scenarios.kept.read.client import Answer, Client, host_of
from scenarios.kept.read.clip import Unreadable
from scenarios.leaks.sources.network.links import links_in
from scenarios.model.targets.review import Review

MOST_PAGES = 2_000
_NO_IDS: Mapping[str, str] = MappingProxyType({})
_ENDS = re.compile(r"log-?out|sign-?out|delete|remove|destroy|purge", re.IGNORECASE)
_VARIES = re.compile(r"^(?!v\d{1,2}$).*\d|^[0-9a-fA-F-]{12,}$")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. `route` is the template of its address. `clip` is the label of the kept clip whose own page it is."""

    route: str
    status: int
    headers: bytes
    body: bytes
    whole: bool
    clip: str | None = None


def withheld(pages: Iterable[Page]) -> list[Page]:
    """The pages of kept clips that this reader is not shown."""
    return [page for page in pages if page.clip is not None and page.status in (403, 404, 410)]


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What a review app shows, and what of it could not be seen, but for refused pages of clips. `routes` are the
    templates that the target file and the app's own description name, without those that sign out or delete."""

    pages: tuple[Page, ...] = ()
    unseen: tuple[str, ...] = ()
    routes: frozenset[str] = frozenset()

    def unseen_of(self, share: float) -> tuple[str, ...]:
        """What could not be seen. Where people see a `share` of the clips alone, a clip's page may be refused."""
        refused = (f"GET {page.route} answered {page.status}" for page in withheld(self.pages))
        return self.unseen if share < 1 else tuple(dict.fromkeys((*self.unseen, *refused)))

    @property
    def never_asked(self) -> tuple[str, ...]:
        """The described routes of which no page was fetched."""
        return tuple(sorted(self.routes - {page.route for page in self.pages}))


def pages_of(
    review: Review, beside: Path, ids: Mapping[str, str] = _NO_IDS, routes: set[str] | None = None
) -> Iterator[Page | str]:
    """Fetch the pages by GET, one after another. A text in place of a page says what was not seen.

    Links that sign out or delete something are not followed. `ids` are the kept clips' own ids by label: each of
    `review.clips` is fetched for each. The templates of all named routes are added to `routes`.

    Raises:
        BadFile: a credential is missing. Unreadable: the login is refused.
    """
    client = Client({host_of(review.url), *review.hosts}, review.login, beside)
    base = httpx.URL(review.url)
    try:
        described = _described(client, review, base)
        named = _routes(review, described, _recorded(review, base, beside))
        if routes is not None:
            routes |= _patterns(base, (*review.routes, *review.errors, *review.clips, *described))
        if len(named) > MOST_PAGES:
            yield "there are more pages than are looked at"
        waiting = deque((address, 0) for address in _addresses(base, named[:MOST_PAGES]))
        failing = set(_addresses(base, review.errors))
        own = {base.join(path): (label, route) for label, path, route in _clip_pages(review, base, ids)}
        waiting.extend((address, review.crawl) for address in own)
        seen = {address for address, _ in waiting}
        while waiting:
            address, depth = waiting.popleft()
            answer = client.get(str(address))
            if isinstance(answer, str):
                yield f"GET {template(address)} {answer}"
                continue
            page = _page(answer, *own.get(address, (None, template(address))))
            yield page
            wanted = address in failing and answer.status != 401
            if answer.status >= 400 and not wanted and page not in withheld((page,)):
                yield f"GET {template(address)} answered {answer.status}"
            if depth >= review.crawl:
                continue
            for link in _links(address, answer):
                if link in seen or (link.host, link.port) != (base.host, base.port) or _ENDS.search(link.path):
                    continue
                if len(seen) >= MOST_PAGES:
                    yield "there are more pages than are looked at"
                    break
                seen.add(link)
                waiting.append((link, depth + 1))
    finally:
        client.close()


def look(review: Review | None, beside: Path, ids: Mapping[str, str] = _NO_IDS) -> Looked:
    """What a review app shows, and what of it could not be seen. Each is told once."""
    pages: list[Page] = []
    unseen: list[str] = []
    routes: set[str] = set()
    try:
        for each in () if review is None else pages_of(review, beside, ids, routes):
            if isinstance(each, Page):
                pages.append(each)
            else:
                unseen.append(each)
    except Unreadable as error:
        unseen.append(f"the review app: {error}")
    return Looked(pages=tuple(pages), unseen=tuple(dict.fromkeys(unseen)), routes=frozenset(routes))


def template(address: httpx.URL) -> str:
    """/clips/17/sound becomes /clips/{id}/sound: parts with a digit and long hexadecimal parts vary; /v1/ is a version.

    The template stays percent-encoded, so that none of its characters has an effect where it is shown.
    """
    path = address.raw_path.decode("ascii", "replace").partition("?")[0]
    return "/".join("{id}" if _VARIES.search(part) else part for part in path.split("/"))


def shape(base: httpx.URL, route: str) -> str:
    """The template of a declared route with {id}, as that of one of its pages is written."""
    return next(iter(_patterns(base, [route])), "/{id}")


def _addresses(base: httpx.URL, routes: Iterable[str]) -> Iterator[httpx.URL]:
    """The valid addresses. A hostile description may hold others; they are left out."""
    for route in routes:
        with contextlib.suppress(httpx.InvalidURL):
            yield base.join(route)


def _routes(review: Review, described: Iterable[str], recorded: Iterable[str]) -> list[str]:
    """The declared, described and recorded routes that take no parameter, each once."""
    fixed = (each for each in described if "{" not in each)
    return list(dict.fromkeys((*review.routes, *review.errors, *fixed, *recorded)))


def _clip_pages(review: Review, base: httpx.URL, ids: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(label, path, template) of each page of each kept clip."""
    for route in review.clips:
        pattern = next(iter(_patterns(base, [route])), "/{id}")
        for label, known in ids.items():
            yield label, route.replace("{id}", quote(known, safe="")), pattern


def _patterns(base: httpx.URL, routes: Iterable[str]) -> set[str]:
    """/clips/{clip}/sound and /clips/17/sound as `template` names both. Routes of another host are left out."""
    joined = _addresses(base, (re.sub(r"\{[^/]*\}", "{0}", route) for route in routes))
    return {template(each) for each in joined if (each.host, each.port) == (base.host, base.port)}


def _recorded(review: Review, base: httpx.URL, beside: Path) -> list[str]:
    """The addresses of this host that a browser asked by GET, from a HAR file. Nothing else of the file is used.

    Raises:
        BadFile: the file is missing, or is no HAR file.
    """
    if review.har is None:
        return []
    path = beside / review.har
    found = []
    try:
        for entry in json.loads(path.read_bytes())["log"]["entries"]:
            url = httpx.URL(entry["request"]["url"])
            same = (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
            if entry["request"]["method"] == "GET" and same and not _ENDS.search(url.path):
                found.append(url.raw_path.decode("ascii"))
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    except (ValueError, KeyError, TypeError, RecursionError, httpx.InvalidURL):
        raise BadFile(f"{path}: no HAR file as browsers export it") from None
    return found


def _described(client: Client, review: Review, base: httpx.URL) -> list[str]:
    """The routes that the app's own OpenAPI description has a GET for, without those that sign out or delete."""
    if review.openapi is None:
        return []
    answer = client.get(str(base.join(review.openapi)))
    try:
        paths = {} if isinstance(answer, str) else json.loads(answer.body)["paths"]
        fit = (path for path, ways in paths.items() if isinstance(ways, dict) and "get" in ways)
        return [path for path in fit if not _ENDS.search(path)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _links(address: httpx.URL, answer: Answer) -> list[httpx.URL]:
    response = httpx.Response(
        answer.status, headers=_as_read(answer), content=b"", request=httpx.Request("GET", address)
    )
    return list(links_in(response, answer.body))


def _as_read(answer: Answer) -> list[tuple[str, str]]:
    """The headers without those that describe an encoding, because the body was decoded already."""
    return [(n, v) for n, v in answer.headers if n.lower() not in ("content-encoding", "content-length")]


def _page(answer: Answer, clip: str | None, route: str) -> Page:
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers).encode("utf-8", "replace")
    return Page(route=route, status=answer.status, headers=headers, body=answer.body, whole=answer.whole, clip=clip)
