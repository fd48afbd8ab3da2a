"""Reviewers at work in the built-in review tool: sign in, take one clip after another, see, hear and annotate each.

Accounts come from the settings file that EARLID_LEAKWATCH names. Requests are named by route.
"""

import re
import sys
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

import gevent
import msgspec
import pyotp
from earlid.locust_watch import UNKNOWN
from locust import FastHttpUser, events, task
from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment
from locust.runners import MasterRunner

from gateway.files import BadFile
from loadtests.reviewers.accounts import AccountPool
from loadtests.reviewers.error_probes import ERRANDS, NOBODY, OUTSIDE
from loadtests.reviewers.visit_plan import View, VisitPlan
from loadtests.watch.settings import VARIABLE, Reviewing, load_settings

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_OWN_CLIENT = {"X-Earlid": "reviewers"}  # shows that no other site's page sent a call without a body
_STRANGER = "stranger"
_TOTP_STEP_S = 30
_SIGN_IN_TRIES = 3
_MOMENT_S = 0.05
_VIEW_TRIES = 5
_JUDGEMENT = {"transcription": "nothing to add", "intent": "other", "effective": "yes"}
_HERE_OR_GONE = (200, 404)  # another reviewer may have withdrawn it


class Reviewer(FastHttpUser):
    """One reviewer. Every second account signs in over the API instead of the form; the cookie opens both."""

    reviewing: ClassVar[Reviewing]
    rounds: ClassVar[VisitPlan]
    desks: ClassVar[AccountPool]

    def wait_time(self) -> float:
        return self.reviewing.wait_s

    def on_start(self) -> None:
        self.desk = self.desks.next()
        with self.desk.turn:
            if self.desk.cookies is None and self._sign_in():
                self.desk.cookies = self.client.cookiejar
        if self.desk.cookies is not None:
            self.client.cookiejar = self.client.client.cookiejar = self.desk.cookies
            self._look_at_desk()

    def on_stop(self) -> None:
        """Whoever leaves a desk last signs out, the way its account signed in."""
        self.desk.users -= 1
        if self.desk.cookies is None or self.desk.users:
            return
        if not self.desk.by_form:
            self._ask("DELETE", "/api/session", "/api/session", (200,), headers=_OWN_CLIENT)
            return
        _, page = self._ask("GET", "/queue", "/queue", (200,))
        token = _CSRF.search(page.decode("utf-8", "replace"))
        self._ask(
            "POST", "/logout", "/logout", (200,), data=urlencode({"csrf": token[1] if token else ""}), headers=_FORM
        )

    @task
    def work(self) -> None:
        if self.rounds.ended:
            gevent.sleep(_MOMENT_S)
            return
        if self.rounds.take_errands():
            self._errands()
            self.rounds.errands_done = True
        ref = self._next()
        if ref is None:
            self._revisit()
        else:
            self._visit(ref, first=self.rounds.add(ref))
        if self.reviewing.stop_when_covered and self.rounds.complete:
            self._end_run()

    def _next(self) -> str | None:
        """The clip that is assigned to this account now; None when nothing is left for it, or it has enough."""
        status, body = self._ask("POST", "/api/next", "/api/next", (200, 429), headers=_OWN_CLIENT)
        if status != 200:
            gevent.sleep(_MOMENT_S)
            return None
        ref = msgspec.json.decode(body)["ref"]
        if ref is None:
            self.rounds.listed = True
        return str(ref) if ref else None

    def _visit(self, ref: str, *, first: bool) -> None:
        page = b""
        for _ in range(_VIEW_TRIES if first else 0):
            page = self._look_at(ref)
            if self.rounds.is_whole(ref):
                break
            gevent.sleep(_MOMENT_S)
        token = _CSRF.search(page.decode("utf-8", "replace"))
        if token and self.rounds.chance(self.reviewing.annotate_share):
            self._annotate(ref, token[1])
            done = True
        else:
            done = False
        if token and first and self.rounds.chance(self.reviewing.critical_share):
            self._tick_critical(ref, token[1])
        elif not done:
            self._give_back(ref, token[1] if token else None)

    def _look_at(self, ref: str) -> bytes:
        """Every view of a clip; the page."""
        page = self._see(ref, "page", f"/clips/{ref}", "/clips/{ref}", _HERE_OR_GONE)
        facts = self._see(ref, "api", f"/api/clips/{ref}", "/api/clips/{ref}", _HERE_OR_GONE)
        self._see(ref, "sound", f"/clips/{ref}/audio.wav", "/clips/{ref}/audio.wav", _HERE_OR_GONE)
        self._see(ref, "sound_api", f"/api/clips/{ref}/audio", "/api/clips/{ref}/audio", _HERE_OR_GONE)
        token, customer = _CSRF.search(page.decode("utf-8", "replace")), _customer_in(facts)
        if token and customer:
            self._look_up(customer, token[1])
        return page

    def _give_back(self, ref: str, token: str | None) -> None:
        """An assigned clip that nobody annotates goes to somebody else; half of them leave a draft first."""
        if token is not None and self.rounds.chance(0.5):
            name = "/clips/{ref}/draft"
            draft = urlencode({"csrf": token, **_JUDGEMENT})
            self._ask("POST", f"/clips/{ref}/draft", name, (204, 404), clip_ref=ref, data=draft, headers=_FORM)
        path, name = f"/api/clips/{ref}/release", "/api/clips/{ref}/release"
        self._ask("POST", path, name, _HERE_OR_GONE, clip_ref=ref, json={"why": "later"})

    def _see(self, ref: str, view: View, path: str, name: str, expected: tuple[int, ...]) -> bytes:
        status, body = self._ask("GET", path, name, expected, clip_ref=ref)
        if status:
            self.rounds.visited(ref, view)
        return body if status == 200 else b""

    def _annotate(self, ref: str, token: str) -> None:
        form = urlencode({"csrf": token, **_JUDGEMENT, "heard": "background_talk"})
        path, name = f"/clips/{ref}/annotations", "/clips/{ref}/annotations"
        self._ask("POST", path, name, _HERE_OR_GONE, clip_ref=ref, data=form, headers=_FORM)
        self._ask("POST", f"/api{path}", f"/api{name}", (201, 404, 409), clip_ref=ref, json={**_JUDGEMENT, "heard": []})
        path, name = f"/api/clips/{ref}/contact", "/api/clips/{ref}/contact"
        self._ask("POST", path, name, (200, 404, 429, 503), clip_ref=ref, json={"heard": "nobody in particular"})

    def _tick_critical(self, ref: str, token: str) -> None:
        """By form or by API, half each."""
        path, name = f"/clips/{ref}/critical", "/clips/{ref}/critical"
        self.rounds.withdrawn(ref)
        if self.rounds.chance(0.5):
            form = urlencode({"csrf": token})
            self._ask("POST", path, name, _HERE_OR_GONE, clip_ref=ref, data=form, headers=_FORM)
        else:
            self._ask("POST", f"/api{path}", f"/api{name}", _HERE_OR_GONE, clip_ref=ref, json={})

    def _look_up(self, customer: str, token: str) -> None:
        """Where the contract has no look-up both answer 404, which is searched like anything else."""
        form = urlencode({"csrf": token, "customer_id": customer})
        self._ask("POST", "/customers", "/customers", (200, 404, 503), data=form, headers=_FORM)
        self._ask("GET", f"/api/customers/{customer}", "/api/customers/{customer_id}", (200, 404, 503))

    def _revisit(self) -> None:
        """Nothing is left: the desk is looked at now and then."""
        self._look_at_desk()
        gevent.sleep(_MOMENT_S)

    def _look_at_desk(self) -> None:
        self._ask("GET", "/queue", "/queue", (200,))
        self._ask("GET", "/api/queue", "/api/queue", (200,))

    def _errands(self) -> None:
        """What answers when something is wrong, missing or merely there."""
        for path, name, expected in ERRANDS:
            self._ask("GET", path, name, expected)
        path, name = f"/api/clips/{NOBODY}/annotations", "/api/clips/{ref}/annotations"
        self._ask("POST", path, name, (404, 422), json={"intent": "none of these"})
        self._ask("POST", "/api/undo", "/api/undo", (404, 422), json={"undo": NOBODY})
        self._ask("POST", f"/clips/{NOBODY}/critical", "/clips/{ref}/critical", (403, 404, 422), json={})
        self._ask("POST", f"/api/clips/{NOBODY}/critical", "/api/clips/{ref}/critical", (404, 422), json={})
        self._look_in_from_outside()

    def _look_in_from_outside(self) -> None:
        """What somebody sees who never signed in: the way to the login, and nothing else."""
        ref = self.rounds.any_ref() or NOBODY
        outside = FastHttpSession(self.host, self.environment.events.request, user=self)
        for path, name in OUTSIDE:
            expected = (401,) if path.startswith("/api/") else (200, 401)  # 200: the login it leads to
            ask(outside, "GET", path.format(ref=ref), name, expected, context={"role": _STRANGER})

    def _sign_in(self) -> bool:
        """A code that was used already is refused: then the next one is waited for."""
        account, status = self.desk.account, 0
        for attempt in range(_SIGN_IN_TRIES):
            if self.rounds.ended:
                return False
            if attempt and account.totp_secret:
                gevent.sleep(_TOTP_STEP_S - datetime.now(UTC).timestamp() % _TOTP_STEP_S + 0.5)
            status = self._sign_in_by_form() if self.desk.by_form else self._sign_in_by_api()
            if status == 200:
                return True
        sys.stderr.write(f"reviewers: account {account.username} is not let in (status {status})\n")
        self._end_run()
        return False

    def _end_run(self) -> None:
        """Quitting waits for every user to stop, so no user may wait for it: they idle until it reaches them."""
        runner = self.environment.runner
        if runner is not None and not self.rounds.ended:
            self.rounds.ended = True
            gevent.spawn(runner.quit)

    def _sign_in_by_form(self) -> int:
        _, page = self._ask("GET", "/login", "/login", (200,))
        token = _CSRF.search(page.decode("utf-8", "replace"))
        form = urlencode({**self._credentials(), "csrf": token[1] if token else ""})
        # A refused sign-in answers 401, a granted one leads on to the queue.
        return self._ask("POST", "/login", "/login", (200, 401), data=form, headers=_FORM)[0]

    def _sign_in_by_api(self) -> int:
        return self._ask("POST", "/api/session", "/api/session", (200, 401), json=self._credentials())[0]

    def _credentials(self) -> dict[str, str]:
        account = self.desk.account
        code = pyotp.TOTP(account.totp_secret).now() if account.totp_secret else ""
        return {"username": account.username, "password": account.password, "code": code}

    def _ask(
        self, method: str, path: str, name: str, expected: tuple[int, ...], *, clip_ref: str | None = None, **more: Any
    ) -> tuple[int, bytes]:
        """Status (0: no answer) and body. An answer that is not expected counts as a failed request."""
        account = self.desk.account
        context = {"role": account.role, "person": account.username, **({"clip_ref": clip_ref} if clip_ref else {})}
        return ask(self.client, method, path, name, expected, context=context, **more)


def ask(
    client: FastHttpSession, method: str, path: str, name: str, expected: tuple[int, ...], **more: Any
) -> tuple[int, bytes]:
    with client.request(method, path, name=name, catch_response=True, **more) as response:
        status = int(response.status_code or 0)
        if status in expected:
            response.success()
        else:
            response.failure(f"status {status}, expected {' or '.join(map(str, expected))}")
        return status, response.content or b""


def _customer_in(facts: bytes) -> str | None:
    """The customer id a clip shows to its reviewer, if it shows one."""
    try:
        return str(msgspec.json.decode(facts).get("customer") or "") or None
    except (msgspec.DecodeError, AttributeError):
        return None


def start_rounds(**_event: Any) -> None:
    """New rounds for every test; a settings file without accounts is one line and exit code 2."""
    try:
        reviewing = load_settings().reviewing
        if reviewing is None:
            raise BadFile(f"the file {VARIABLE} names: reviewing: missing; reviewers need accounts")
    except BadFile as error:
        sys.stderr.write(f"reviewers: {error}\n")
        raise SystemExit(2) from None
    Reviewer.reviewing = reviewing
    Reviewer.rounds = VisitPlan(reviewing.seed)
    Reviewer.desks = AccountPool(reviewing.accounts)


def write_coverage(environment: Environment, **_event: Any) -> None:
    """One more line in the spool: how many clips the queue held and how many were seen in every view.

    A run that was to see them all and did not proves nothing: exit code 3, unless a leak says 1.
    """
    if isinstance(environment.runner, MasterRunner):
        return
    rounds = Reviewer.rounds
    line = {
        "kind": "coverage",
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "clips": rounds.clips,
        "visited": rounds.covered,
        "complete": rounds.complete,
    }
    with load_settings().spool.open("ab", buffering=0) as spool:
        spool.write(msgspec.json.encode(line) + b"\n")
    if Reviewer.reviewing.stop_when_covered and not rounds.complete and environment.process_exit_code is None:
        environment.process_exit_code = UNKNOWN


if __name__ == "locustfile":  # Locust loads a locustfile under its bare name; an import registers nothing
    hooks: Any = events  # untyped
    hooks.init.add_listener(start_rounds)
    hooks.test_start.add_listener(start_rounds)
    hooks.quitting.add_listener(write_coverage)
