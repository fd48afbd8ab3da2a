"""Eight kinds of people at the built-in review tool, each a Locust user with tasks and think times of its own.

Import those you need into a locustfile: `from loadtests.reviewers.people import Annotator, Auditor`. `office.py` is a
locustfile with all of them. Their accounts stand in the settings file that EARLID_LEAKWATCH names.
"""

from collections import deque
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
from locust import FastHttpUser, between, task

from loadtests.reviewers.error_probes import ERROR_PROBES, NOBODY, OUTSIDE
from loadtests.reviewers.tool_user import FORM, HERE_OR_GONE, JUDGEMENT, OWN_CLIENT, ToolUser, ask, form_token, next_ref

_NOT_YOURS = (403, 404, 405)
_SEEN: deque[str] = deque(maxlen=500)  # clips that somebody was assigned


class Person(ToolUser):
    """Somebody with an account. `read` fetches a page as a browser does."""

    abstract = True

    def read(self, path: str, name: str, expected: tuple[int, ...] = (200,), ref: str | None = None) -> bytes:
        status, body = self._ask("GET", path, name, expected, clip_ref=ref)
        return body if status == 200 else b""

    def submit(self, path: str, name: str, expected: tuple[int, ...], page: bytes, **fields: str) -> int:
        form = urlencode({"csrf": form_token(page), **fields})
        return self._ask("POST", path, name, expected, data=form, headers=FORM)[0]

    def listen(self, ref: str) -> bytes:
        """A clip's page and sound."""
        page = self.read(f"/clips/{ref}", "/clips/{ref}", HERE_OR_GONE, ref)
        self.read(f"/clips/{ref}/audio.wav", "/clips/{ref}/audio.wav", HERE_OR_GONE, ref)
        return page

    def assigned(self) -> str | None:
        """Take the next clip. None: no clip is left, or the account has reached its limit."""
        status, body = self._ask("POST", "/api/next", "/api/next", (200, 429), headers=OWN_CLIENT)
        ref = next_ref(body) if status == 200 else None
        if ref:
            _SEEN.append(ref)
        return ref

    def annotate(self, ref: str, page: bytes) -> None:
        name = "/clips/{ref}/annotations"
        if form_token(page):
            self.submit(f"/clips/{ref}/annotations", name, (*HERE_OR_GONE, 409), page, **JUDGEMENT)

    def give_back(self, ref: str) -> None:
        name = "/api/clips/{ref}/release"
        self._ask("POST", f"/api/clips/{ref}/release", name, HERE_OR_GONE, clip_ref=ref, json={"why": "later"})


class Annotator(Person):
    """Listens to one clip after the other and judges it. Gives one in ten back."""

    account_role = "reviewer"
    weight, wait_time = 20, between(4, 20)

    @task(9)
    def judge(self) -> None:
        if ref := self.assigned():
            self.annotate(ref, self.listen(ref))

    @task
    def leave_for_later(self) -> None:
        if ref := self.assigned():
            self.listen(ref)
            self.give_back(ref)

    @task(2)
    def look_at_the_desk(self) -> None:
        self.read("/queue", "/queue")


class Verifier(Person):
    """Reads what others annotated, and how the work is going."""

    account_role = "lead"
    weight, wait_time = 3, between(3, 12)

    @task(4)
    def settle(self) -> None:
        ref = _SEEN[-1] if _SEEN else self.assigned()
        if ref:
            self.listen(ref)

    @task
    def look_at_the_workload(self) -> None:
        self.read("/workload", "/workload")


class Auditor(Person):
    """Reads the log, and clips that others worked on. Changes nothing."""

    account_role = "auditor"
    weight, wait_time = 1, between(2, 15)

    @task(2)
    def read_the_log(self) -> None:
        self.read("/audit", "/audit")

    @task(3)
    def hear_clips(self) -> None:
        facts = self.read("/api/audit/clips", "/api/audit/clips")
        for ref in _refs(facts)[:3]:
            self.listen(ref)


class ContactChecker(Person):
    """Checks who a household may call, clip by clip."""

    account_role = "reviewer"
    weight, wait_time = 4, between(2, 8)

    @task
    def check(self) -> None:
        if ref := self.assigned():
            self.listen(ref)
            path, name = f"/api/clips/{ref}/contact", "/api/clips/{ref}/contact"
            asked = {"heard": "nobody in particular"}
            self._ask("POST", path, name, (200, 404, 429, 503), clip_ref=ref, json=asked)
            self.give_back(ref)


class SafetyOfficer(Person):
    """Looks at the cases, and asks for one with a key that is wrong."""

    account_role = "safety_officer"
    weight, wait_time = 1, between(10, 40)

    @task(5)
    def look_at_cases(self) -> None:
        self.read("/cases", "/cases")

    @task
    def ask_with_a_wrong_key(self) -> None:
        page = self.read("/cases", "/cases")
        self.submit("/cases/list", "/cases/list", (200, 403, 404, 422, 429, 503), page, key="0" * 32)


class Administrator(Person):
    """Signs in, and is shown no clip."""

    account_role = "administrator"
    weight, wait_time = 1, between(20, 60)

    @task
    def try_the_desk(self) -> None:
        self.read("/queue", "/queue", _NOT_YOURS)
        self.read("/", "/", (200, *_NOT_YOURS))


class Intruder(Person):
    """Signed in, and asks for what is another's: clips, customers, the log, error pages."""

    account_role = "reviewer"
    weight, wait_time = 2, between(1, 5)

    @task(3)
    def ask_for_clips_of_others(self) -> None:
        ref = _SEEN[0] if _SEEN else NOBODY
        self.read(f"/clips/{ref}", "/clips/{ref}", (200, *_NOT_YOURS), ref)
        self.read(f"/api/clips/{ref}", "/api/clips/{ref}", (200, *_NOT_YOURS), ref)

    @task(2)
    def try_doors(self) -> None:
        for path, name in (("/audit", "/audit"), ("/workload", "/workload"), ("/cases", "/cases")):
            self.read(path, name, _NOT_YOURS)

    @task
    def make_errors(self) -> None:
        for path, name, expected in ERROR_PROBES:
            self._ask("GET", path, name, (*expected, *_NOT_YOURS))


class Stranger(FastHttpUser):
    """Not signed in."""

    weight, wait_time = 2, between(1, 10)
    asks: ClassVar[dict[str, Any]] = {"context": {"role": "stranger"}}

    @task
    def look_in(self) -> None:
        ref = _SEEN[0] if _SEEN else NOBODY
        for path, name in OUTSIDE:
            expected = (401,) if path.startswith("/api/") else (200, 401)  # 200: the login page after a redirect
            ask(self.client, "GET", path.format(ref=ref), name, expected, **self.asks)


PEOPLE: tuple[type[FastHttpUser], ...] = (
    Annotator,
    Verifier,
    Auditor,
    ContactChecker,
    SafetyOfficer,
    Administrator,
    Intruder,
    Stranger,
)


def _refs(facts: bytes) -> list[str]:
    """Clips named in the JSON of `GET /api/audit/clips`."""
    try:
        return [str(row["ref"]) for row in msgspec.json.decode(facts)["clips"]]
    except (msgspec.DecodeError, KeyError, TypeError):
        return []
