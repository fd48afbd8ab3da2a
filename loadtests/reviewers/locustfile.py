"""Locust users of the built-in review tool. They sign in, take clips, look at each in every view, and annotate.

Accounts come from the settings file that EARLID_LEAKWATCH names. Requests are named by route.
"""

import re
import sys
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

import gevent
import msgspec
from earlid.locust_verdict import UNKNOWN
from locust import events, task
from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment
from locust.runners import MasterRunner

from gateway.files import BadFile
from loadtests.reviewers.accounts import AccountPool
from loadtests.reviewers.error_probes import ERROR_PROBES, NOBODY, OUTSIDE
from loadtests.reviewers.tool_user import FORM, HERE_OR_GONE, JUDGEMENT, OWN_CLIENT, ToolUser, ask
from loadtests.reviewers.visit_plan import View, VisitPlan
from loadtests.watch.settings import VARIABLE, Reviewing, load_settings

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_STRANGER = "stranger"
_MOMENT_S = 0.05
_VIEW_TRIES = 5


class Reviewer(ToolUser):
    """One reviewer."""

    reviewing: ClassVar[Reviewing]
    visit_plan: ClassVar[VisitPlan]

    def wait_time(self) -> float:
        return self.reviewing.wait_s

    def on_start(self) -> None:
        super().on_start()
        if self.signed_in:
            self._look_at_queue()

    def sign_in_ends(self) -> bool:
        return self.visit_plan.ended

    def refused(self) -> None:
        self._end_run()

    @task
    def work(self) -> None:
        if self.visit_plan.ended:
            gevent.sleep(_MOMENT_S)
            return
        if self.visit_plan.take_error_probes():
            self._probe_errors()
            self.visit_plan.error_probes_done = True
        self.visit_plan.ask()
        try:
            ref = self._next()
            first = ref is not None and self.visit_plan.add(ref)
        finally:
            self.visit_plan.answered()
        if ref is None:
            self._revisit()
        else:
            self._visit(ref, first=first)
        if self.reviewing.stop_when_covered and self.visit_plan.complete:
            self._end_run()

    def _next(self) -> str | None:
        """The ref of the next assigned clip. None if no clip is left, or if the account has reached its limit."""
        status, body = self._ask("POST", "/api/next", "/api/next", (200, 429), headers=OWN_CLIENT)
        if status != 200:
            gevent.sleep(_MOMENT_S)
            return None
        ref = msgspec.json.decode(body)["ref"]
        if ref is None:
            self.visit_plan.listed = True
        return str(ref) if ref else None

    def _visit(self, ref: str, *, first: bool) -> None:
        page = b""
        for _ in range(_VIEW_TRIES if first else 0):
            page = self._look_at(ref)
            if self.visit_plan.is_whole(ref):
                break
            gevent.sleep(_MOMENT_S)
        token = _CSRF.search(page.decode("utf-8", "replace"))
        if token and self.visit_plan.take_tour():
            self._leave_draft(ref, token[1])
            self._annotate(ref, token[1])
            self._release(ref)  # of what is done: refused, and searched as every answer
            done = True
        elif token and self.visit_plan.chance(self.reviewing.annotate_share):
            self._annotate(ref, token[1])
            done = True
        else:
            done = False
        if token and first and self.visit_plan.chance(self.reviewing.critical_share):
            self._tick_critical(ref, token[1])
        elif not done:
            self._give_back(ref, token[1] if token else None)

    def _look_at(self, ref: str) -> bytes:
        """Fetch every view of a clip. Returns the page."""
        page = self._see(ref, "page", f"/clips/{ref}", "/clips/{ref}", HERE_OR_GONE)
        facts = self._see(ref, "api", f"/api/clips/{ref}", "/api/clips/{ref}", HERE_OR_GONE)
        self._see(ref, "sound", f"/clips/{ref}/audio.wav", "/clips/{ref}/audio.wav", HERE_OR_GONE)
        self._see(ref, "sound_api", f"/api/clips/{ref}/audio", "/api/clips/{ref}/audio", HERE_OR_GONE)
        token, customer = _CSRF.search(page.decode("utf-8", "replace")), _customer_in(facts)
        if token and customer:
            self._look_up(customer, token[1])
        return page

    def _give_back(self, ref: str, token: str | None) -> None:
        """Give a clip back without an annotation. Half of the time a draft is left first."""
        if token is not None and self.visit_plan.chance(0.5):
            self._leave_draft(ref, token)
        self._release(ref)

    def _leave_draft(self, ref: str, token: str) -> None:
        name, draft = "/clips/{ref}/draft", urlencode({"csrf": token, **JUDGEMENT})
        self._ask("POST", f"/clips/{ref}/draft", name, (204, 404), clip_ref=ref, data=draft, headers=FORM)

    def _release(self, ref: str) -> None:
        path, name = f"/api/clips/{ref}/release", "/api/clips/{ref}/release"
        self._ask("POST", path, name, HERE_OR_GONE, clip_ref=ref, json={"why": "later"})

    def _see(self, ref: str, view: View, path: str, name: str, expected: tuple[int, ...]) -> bytes:
        status, body = self._ask("GET", path, name, expected, clip_ref=ref)
        if status:
            self.visit_plan.visited(ref, view)
        return body if status == 200 else b""

    def _annotate(self, ref: str, token: str) -> None:
        form = urlencode({"csrf": token, **JUDGEMENT, "heard": "background_talk"})
        path, name = f"/clips/{ref}/annotations", "/clips/{ref}/annotations"
        self._ask("POST", path, name, HERE_OR_GONE, clip_ref=ref, data=form, headers=FORM)
        self._ask("POST", f"/api{path}", f"/api{name}", (201, 404, 409), clip_ref=ref, json={**JUDGEMENT, "heard": []})
        path, name = f"/api/clips/{ref}/contact", "/api/clips/{ref}/contact"
        self._ask("POST", path, name, (200, 404, 429, 503), clip_ref=ref, json={"heard": "nobody in particular"})

    def _tick_critical(self, ref: str, token: str) -> None:
        """Withdraw a clip, half of the time by form and half by API."""
        path, name = f"/clips/{ref}/critical", "/clips/{ref}/critical"
        self.visit_plan.withdrawn(ref)
        if self.visit_plan.chance(0.5):
            form = urlencode({"csrf": token})
            self._ask("POST", path, name, HERE_OR_GONE, clip_ref=ref, data=form, headers=FORM)
        else:
            self._ask("POST", f"/api{path}", f"/api{name}", HERE_OR_GONE, clip_ref=ref, json={})

    def _look_up(self, customer: str, token: str) -> None:
        """Look up a customer by form and API. Both answer 404 if the contract has no look-up."""
        form = urlencode({"csrf": token, "customer_id": customer})
        self._ask("POST", "/customers", "/customers", (200, 404, 503), data=form, headers=FORM)
        self._ask("GET", f"/api/customers/{customer}", "/api/customers/{customer_id}", (200, 404, 503))

    def _revisit(self) -> None:
        """No clip is left: look at the queue and wait a little."""
        self._look_at_queue()
        gevent.sleep(_MOMENT_S)

    def _look_at_queue(self) -> None:
        self._ask("GET", "/queue", "/queue", (200,))
        self._ask("GET", "/api/queue", "/api/queue", (200,))

    def _probe_errors(self) -> None:
        """Request the error probes."""
        for path, name, expected in ERROR_PROBES:
            self._ask("GET", path, name, expected)
        path, name = f"/api/clips/{NOBODY}/annotations", "/api/clips/{ref}/annotations"
        self._ask("POST", path, name, (404, 422), json={"intent": "none of these"})
        self._ask("POST", "/api/undo", "/api/undo", (404, 422), json={"undo": NOBODY})
        self._ask("POST", f"/clips/{NOBODY}/critical", "/clips/{ref}/critical", (403, 404, 422), json={})
        self._ask("POST", f"/api/clips/{NOBODY}/critical", "/api/clips/{ref}/critical", (404, 422), json={})
        self._look_in_from_outside()

    def _look_in_from_outside(self) -> None:
        """Request pages without a sign-in. The tool must answer 401 or the login page."""
        ref = self.visit_plan.any_ref() or NOBODY
        outside = FastHttpSession(self.host, self.environment.events.request, user=self)
        for path, name in OUTSIDE:
            expected = (401,) if path.startswith("/api/") else (200, 401)  # 200: the login page after a redirect
            ask(outside, "GET", path.format(ref=ref), name, expected, context={"role": _STRANGER})

    def _end_run(self) -> None:
        """End the run. Quitting waits for every user, so users idle instead of waiting for it."""
        runner = self.environment.runner
        if runner is not None and not self.visit_plan.ended:
            self.visit_plan.ended = True
            gevent.spawn(runner.quit)


def _customer_in(facts: bytes) -> str | None:
    """The customer id in a clip's JSON facts, or None."""
    try:
        return str(msgspec.json.decode(facts).get("customer") or "") or None
    except (msgspec.DecodeError, AttributeError):
        return None


def start_visit_plan(**_event: Any) -> None:
    """Start a new visit plan for each test. A wrong settings file gives one line and exit code 2."""
    try:
        reviewing = load_settings().reviewing
        if reviewing is None:
            raise BadFile(f"the file {VARIABLE} names: reviewing: missing; reviewers need accounts")
    except BadFile as error:
        sys.stderr.write(f"reviewers: {error}\n")
        raise SystemExit(2) from None
    Reviewer.reviewing = reviewing
    Reviewer.visit_plan = VisitPlan(reviewing.seed)
    Reviewer.accounts = AccountPool(reviewing.accounts)


def write_coverage(environment: Environment, **_event: Any) -> None:
    """Append a coverage line to the spool: how many clips were assigned, and how many were seen in every view.

    If the run had to see all clips and did not, the exit code is 3. A leak (exit code 1) takes precedence.
    """
    if isinstance(environment.runner, MasterRunner):
        return
    visit_plan = Reviewer.visit_plan
    line = {
        "kind": "coverage",
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "clips": visit_plan.clips,
        "visited": visit_plan.covered,
        "complete": visit_plan.complete,
    }
    with load_settings().spool.open("ab", buffering=0) as spool:
        spool.write(msgspec.json.encode(line) + b"\n")
    if Reviewer.reviewing.stop_when_covered and not visit_plan.complete and environment.process_exit_code is None:
        environment.process_exit_code = UNKNOWN


if __name__ == "locustfile":  # Locust loads a locustfile under its bare name; an import registers nothing
    hooks: Any = events  # untyped
    hooks.init.add_listener(start_visit_plan)
    hooks.test_start.add_listener(start_visit_plan)
    hooks.quitting.add_listener(write_coverage)
