"""Collects everything the review tool answers to every role, in an order that depends on no identity."""

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import msgspec
import pyotp

from scenarios.run.target import Reviewer
from scenarios.twin.difference import View, labelled

_CSRF = re.compile(rb'name="csrf" value="([^"]*)"')
_JSON = ("content-type", "application/json")
_FORM = ("content-type", "application/x-www-form-urlencoded")
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")  # RFC 9110, 5.6.7
_VISIT_S = 60.0
_NOBODY = "0000000000000000"
_PAGES = 1_000
_STRANGER = "stranger"
_SAID = {"transcription": "nothing to add", "intent": "other", "effective": "yes", "heard": ["distress"]}
_WORKERS = ("reviewer", "lead")  # clips are assigned to them
_WORKED_ON = 2
_TELLING_ORDER = 5  # clips; with fewer, two random orders are equal too often

_ERROR_PROBES = (
    *("/", "/login", "/healthz", "/next", "/customers", "/static/review.css", "/static/none.css", "/no/such/page"),
    *("/queue", "/api/queue", "/audit", "/workload", "/cases", "/api/audit/clips?page=0", "/queue?notice=saved"),
    *("/api/no/such/call", "/api/openapi.json", "/metrics", "/docs"),
    *(f"/clips/{_NOBODY}", f"/api/clips/{_NOBODY}", f"/api/clips/{_NOBODY}/audio", f"/api/customers/{_NOBODY}"),
)
_OF_A_CLIP = ("/clips/{ref}", "/clips/{ref}/audio.wav", "/api/clips/{ref}", "/api/clips/{ref}/audio")


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


Asker = Callable[[str, str, Sequence[tuple[str, str]], bytes], Reply]


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """All views. `published` are the routes of the tool's own description; `asked` are the fetched ones."""

    views: tuple[View, ...]
    published: frozenset[str]
    asked: frozenset[str]

    @property
    def missed(self) -> tuple[str, ...]:
        return tuple(sorted(self.published - self.asked))


def visit(ask: Asker, people: Mapping[str, Reviewer], labels: Mapping[str, str]) -> Visit:
    """Collect all views of each role and of a stranger.

    Roles visit one after another, so an annotation of one role is seen by the next. The first role withdraws one clip.

    Args:
        people: the account of each role.
        labels: random clip ref to utterance label.

    Raises:
        PermissionError: the review tool refused an account.
    """
    role_visits = [_RoleVisit(ask, role, person, labels) for role, person in people.items()]
    outside = _RoleVisit(ask, _STRANGER, None, labels)
    views = [view for each in role_visits for view in each.sign_in()]
    for each in (*role_visits, outside):
        views += each.look()
    views += [view for each in role_visits for view in each.leave()]
    everybody = (*role_visits, outside)
    for ref, label in sorted(labels.items(), key=lambda pair: pair[1]):
        # Other views use the clip's label. Only this view compares the random address.
        address = (("address", ref),)
        views.append(View(role="everybody", name="a clip's address", clip=label, status=200, headers=address))
    return Visit(
        views=tuple(views),
        published=frozenset().union(*(each.published for each in everybody)),
        asked=frozenset(view.name for view in views),
    )


class _RoleVisit:
    def __init__(self, ask: Asker, role: str, person: Reviewer | None, labels: Mapping[str, str]) -> None:
        self._ask, self._role, self._person, self._labels = ask, role, person, labels
        self._refs = {label: ref for ref, label in sorted(labels.items(), key=lambda pair: pair[1])}
        self._cookie = self._csrf = ""
        self.published: frozenset[str] = frozenset()

    def sign_in(self) -> Iterator[View]:
        if self._person is None:
            return
        code = pyotp.TOTP(self._person.totp_secret).now()
        said = {"username": self._person.username, "password": self._person.password, "code": code}
        reply, view = self._fetch("POST", "/api/session", content=said)
        self._cookie = reply.header("set-cookie").partition(";")[0]
        if reply.status != 200:
            raise PermissionError(f"the review tool does not let its {self._role} in (status {reply.status})")
        yield view

    def look(self) -> Iterator[View]:
        """Fetch lists, assigned clips, every form of every clip, and error pages."""
        yield from self._list("/api/audit/clips?page={}")
        if self._role in _WORKERS:
            yield from self._assigned()
        customers = []
        for label in self._refs:
            for view, customer in self._clip(label):
                yield view
                customers += [(label, customer)] if customer else []
        for path in _ERROR_PROBES:
            reply, view = self._fetch("GET", path)
            yield view
            if path == "/api/openapi.json" and reply.status == 200:
                self.published = _routes(json.loads(reply.body))
        yield self._fetch("POST", "/api/undo", content={"undo": _NOBODY})[1]
        for label, customer in dict.fromkeys(customers):
            reply, view = self._fetch("GET", f"/api/customers/{customer}")
            yield msgspec.structs.replace(view, name="GET /api/customers/{customer_id}", clip=label)
            yield self._post("/customers", {"customer_id": customer}, label)

    def _clip(self, label: str) -> Iterator[tuple[View, str | None]]:
        """Fetch every form of one clip. Yields (view, the customer id it names or None)."""
        for route in _OF_A_CLIP:
            reply, view = self._fetch("GET", route, label)
            facts = json.loads(reply.body) if route == "/api/clips/{ref}" and reply.status == 200 else None
            yield view, (str(facts.get("customer") or _NOBODY) if facts else None)
        yield self._fetch("GET", "/api/clips/{ref}/audio", label, headers=[("range", "bytes=0-99")])[1], None

    def _assigned(self) -> Iterator[View]:
        """Take clips as the tool assigns them. Views come sorted by label; the random order is one view of its own."""
        rows: dict[str, list[View]] = {}
        known = list(self._refs)
        while True:
            reply, view = self._fetch("POST", "/api/next", content={})
            ref = json.loads(reply.body).get("ref") if reply.status == 200 else None
            label = self._labels.get(ref or "")
            if label is None or label in rows:
                yield view
                break
            rows[label] = [msgspec.structs.replace(view, clip=label), *(each for each, _ in self._clip(label))]
            if label in known[:_WORKED_ON]:
                rows[label] += self._work(label)
            if label == known[min(_WORKED_ON, len(known) - 1)] and self._role == _WORKERS[0]:
                rows[label] += self._withdraw(label)
            rows[label].append(self._fetch("POST", "/api/clips/{ref}/release", label, content={"why": "later"})[1])
        if len(rows) >= _TELLING_ORDER:
            order = json.dumps([known.index(label) for label in rows]).encode()  # a list of numbers is one token
            yield View(role=self._role, name="the order of assignment", status=200, headers=(_JSON,), body=order)
        for label in sorted(rows):
            yield from rows[label]

    def _work(self, label: str) -> Iterator[View]:
        """Send an annotation and a contact check, by form and by API, and an invalid annotation."""
        self._fetch("GET", "/clips/{ref}", label)
        yield self._fetch("POST", "/api/clips/{ref}/annotations", label, content=_SAID)[1]
        yield self._fetch("POST", "/api/clips/{ref}/annotations", label, content={"intent": "none"})[1]
        yield self._fetch("POST", "/api/clips/{ref}/contact", label, content={"heard": "nobody in particular"})[1]
        yield self._post("/clips/{ref}/draft", {"transcription": "half a"}, label)
        yield self._post("/clips/{ref}/annotations", {**_SAID, "heard": "distress"}, label)
        yield self._post("/clips/{ref}/contact", {"heard": "nobody in particular"}, label)

    def _withdraw(self, label: str) -> Iterator[View]:
        self._fetch("GET", "/clips/{ref}", label)
        yield self._post("/clips/{ref}/critical", {}, label)
        yield self._fetch("POST", "/api/clips/{ref}/critical", label, content={})[1]
        yield self._fetch("GET", "/api/clips/{ref}", label)[1]

    def leave(self) -> Iterator[View]:
        yield self._fetch("DELETE", "/api/session", content={})[1]

    def _list(self, route: str) -> Iterator[View]:
        """Fetch all pages of a list as one view, because it is random which clip is on which page."""
        bodies: list[bytes] = []
        first: tuple[Reply, View] | None = None
        for page in range(1, _PAGES):
            reply, view = self._fetch("GET", route.format(page), plain=True)
            first = first or (reply, view)
            if reply.status != 200 or not any(ref.encode() in reply.body for ref in self._labels):
                break
            bodies.append(reply.body)
            if f"page={page + 1}".encode() not in reply.body and not _more(reply, page):
                break
        if first is not None:
            is_json = "json" in first[0].header("content-type")
            body = (_merged(bodies) if is_json else b"\n".join(bodies)) if bodies else first[0].body
            yield msgspec.structs.replace(first[1], body=labelled(body, self._labels, json_body=is_json))

    def _post(self, route: str, fields: Mapping[str, object], label: str) -> View:
        return self._fetch("POST", route, label, form={"csrf": self._csrf, **fields})[1]

    def _fetch(
        self,
        method: str,
        route: str,
        label: str | None = None,
        *,
        headers: Sequence[tuple[str, str]] = (),
        content: Mapping[str, object] | None = None,
        form: Mapping[str, object] | None = None,
        plain: bool = False,
    ) -> tuple[Reply, View]:
        path = route.replace("{ref}", self._refs[label]) if label else route
        sent = [("cookie", self._cookie)] if self._cookie else []
        sent += [_JSON] if content is not None else [_FORM] if form is not None else []
        body = json.dumps(content).encode() if content is not None else urlencode(form or {}).encode()
        reply = self._ask(method, path, (*sent, *headers), body)
        if found := _CSRF.search(reply.body):
            self._csrf = found[1].decode()
        is_json = "json" in reply.header("content-type")
        is_text = is_json or reply.header("content-type").startswith("text/")
        seen = reply.body if plain or not is_text else labelled(reply.body, self._labels, json_body=is_json)
        shown = tuple(
            (key, without_the_hour(labelled(value.encode(), self._labels, json_body=False).decode(), time.time()))
            for key, value in reply.headers
        )
        view = View(
            role=self._role,
            name=f"{method} {route.partition('?')[0]}",
            clip=label,
            status=reply.status,
            headers=shown,
            body=seen,
        )
        return reply, view


def without_the_hour(header: str, now_s: float) -> str:
    """A header value whose current times are replaced by "now", because worlds are visited at different times.

    A date more than a minute away from `now_s` (epoch seconds) stays, because it does not state the current time.
    """

    def shown(found: re.Match[str]) -> str:
        try:
            at_s = parsedate_to_datetime(found[0]).timestamp()
        except ValueError:  # the 32nd of a month
            return found[0]
        return "now" if abs(at_s - now_s) <= _VISIT_S else found[0]

    return _HTTP_DATE.sub(shown, header)


def _merged(pages: Sequence[bytes]) -> bytes:
    """Merge JSON pages into one. Lists of the same key are joined; other values are collected in a list."""
    read = [json.loads(page) for page in pages]
    if len(read) == 1 or not all(isinstance(page, dict) for page in read):
        return json.dumps(read[0] if len(read) == 1 else read).encode()
    rows = {key: [page.get(key) for page in read] for key in read[0]}
    joined = {
        key: list(itertools.chain(*row)) if all(isinstance(each, list) for each in row) else row
        for key, row in rows.items()
    }
    return json.dumps(joined).encode()


def _more(reply: Reply, page: int) -> bool:
    try:
        return int(json.loads(reply.body).get("pages", 1)) > page
    except (ValueError, AttributeError):
        return False


def _routes(description: Mapping[str, Mapping[str, Mapping[str, object]]]) -> frozenset[str]:
    paths = description.get("paths", {})
    return frozenset(f"{method.upper()} {path}" for path, methods in paths.items() for method in methods)
