"""One signed-in user of the built-in review tool: sign-in by form or API, requests named by route, sign-out."""

import re
import sys
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

import gevent
import msgspec
import pyotp
from locust import FastHttpUser
from locust.contrib.fasthttp import FastHttpSession

from loadtests.reviewers.accounts import AccountPool, PooledAccount

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OWN_CLIENT = {"X-Earlid": "reviewers"}  # proves to the tool that no foreign web page sent a call without a body
JUDGEMENT = {"transcription": "nothing to add", "intent": "other", "effective": "yes"}
HERE_OR_GONE = (200, 404)  # 404: another reviewer may have withdrawn the clip
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_TOTP_STEP_S = 30
_SIGN_IN_TRIES = 3
_BUSY, _BUSY_TRIES = 429, 30  # the tool lets four sign in at once, and tells the others to come back
_AT_A_DESK = ("reviewer", "lead")


class ToolUser(FastHttpUser):
    """Works under an account of the pool. Every second account signs in over the API, the others over the form."""

    abstract = True
    accounts: ClassVar[AccountPool]
    account_slot: PooledAccount

    def on_start(self) -> None:
        self.account_slot = self.accounts.next(self.account_role)
        with self.account_slot.turn:
            if self.account_slot.cookies is None and self._sign_in():
                self.account_slot.cookies = self.client.cookiejar
        if self.account_slot.cookies is not None:
            self.client.cookiejar = self.client.client.cookiejar = self.account_slot.cookies

    account_role: ClassVar[str | None] = None  # None: any account

    @property
    def signed_in(self) -> bool:
        return self.account_slot.cookies is not None

    def sign_in_ends(self) -> bool:
        """Whether there is no use in trying to sign in any more."""
        return False

    def refused(self) -> None:
        """Called when an account is not let in."""

    def on_stop(self) -> None:
        """The last user of an account signs out, by form or API as it signed in."""
        self.account_slot.users -= 1
        if self.account_slot.cookies is None or self.account_slot.users:
            return
        if not self.account_slot.by_form or self.account_slot.account.role not in _AT_A_DESK:
            self._ask("DELETE", "/api/session", "/api/session", (200,), headers=OWN_CLIENT)
            return
        _, page = self._ask("GET", "/queue", "/queue", (200,))
        self._ask("POST", "/logout", "/logout", (200,), data=urlencode({"csrf": form_token(page)}), headers=FORM)

    def _sign_in(self) -> bool:
        """Sign in. Returns whether it worked. After a refused TOTP code it waits for the next code."""
        account, status = self.account_slot.account, 0
        for attempt in range(_SIGN_IN_TRIES):
            if self.sign_in_ends():
                return False
            if attempt and account.totp_secret:
                gevent.sleep(_TOTP_STEP_S - datetime.now(UTC).timestamp() % _TOTP_STEP_S + 0.5)
            for _ in range(_BUSY_TRIES):
                status = self._sign_in_by_form() if self.account_slot.by_form else self._sign_in_by_api()
                if status != _BUSY:
                    break
                gevent.sleep(1)
            if status == 200:
                return True
        sys.stderr.write(f"reviewers: account {account.username} is not let in (status {status})\n")
        self.refused()
        return False

    def _sign_in_by_form(self) -> int:
        _, page = self._ask("GET", "/login", "/login", (200,))
        form = urlencode({**self._credentials(), "csrf": form_token(page)})
        # A refused sign-in answers 401. A granted one redirects to the queue.
        return self._ask("POST", "/login", "/login", (200, 401, _BUSY), data=form, headers=FORM)[0]

    def _sign_in_by_api(self) -> int:
        return self._ask("POST", "/api/session", "/api/session", (200, 401, _BUSY), json=self._credentials())[0]

    def _credentials(self) -> dict[str, str]:
        account = self.account_slot.account
        code = pyotp.TOTP(account.totp_secret).now() if account.totp_secret else ""
        return {"username": account.username, "password": account.password, "code": code}

    def _ask(
        self, method: str, path: str, name: str, expected: tuple[int, ...], *, clip_ref: str | None = None, **more: Any
    ) -> tuple[int, bytes]:
        """Send a request. Returns status (0: no answer) and body. An unexpected status counts as a failure."""
        account = self.account_slot.account
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


def form_token(page: bytes) -> str:
    """The token of a page's forms, or an empty text."""
    found = _CSRF.search(page.decode("utf-8", "replace"))
    return found[1] if found else ""


def next_ref(body: bytes) -> str | None:
    """The clip that `POST /api/next` assigned, or None."""
    return str(msgspec.json.decode(body)["ref"] or "") or None
