"""Break-glass in the review tool: two officers with keys of their own, and nobody else."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.clip import RedactedClip
from gateway.contract.model import BreakGlass
from gateway.vault.break_glass import Cases
from gateway.vault.journal import JournalInMemory
from gateway.vault.messages import CaseFacts, CaseRefused, CaseStanding, PlaceFacts, Reason, VaultUnavailable

CLIP = RedactedClip(ref="mine", recorded_on="2019-04-10", trigger="button", duration_ms=900, owner="sealed")
KEYS = {"o" * 32: "olga", "t" * 32: "otto", "p" * 32: "pia"}
OLGA, OTTO, PIA = KEYS
SHOWN = CaseFacts(home=PlaceFacts(street="12 Elm Street", city="Ashland"), phones=("+15415550142",))


class Officers:
    """The vault's own rules, without its process."""

    def __init__(self, down: bool = False) -> None:
        self.cases = Cases(BreakGlass(), lambda: datetime(2019, 4, 10, tzinfo=UTC), JournalInMemory())
        self.down = down

    def __call__(self, key: str, officer: str) -> "Door":
        return Door(self, officer if KEYS.get(key) == officer else None)


class Door:
    def __init__(self, officers: Officers, name: str | None) -> None:
        self._officers, self._name = officers, name

    def _who(self) -> str:
        if self._officers.down:
            raise VaultUnavailable("vault: gone")
        if self._name is None:
            raise CaseRefused
        return self._name

    def ask_case(self, owner: str, clip: str, reason: Reason) -> str | None:
        return self._officers.cases.ask(self._who(), "H01", clip, reason) if owner == "sealed" else None

    def approve_case(self, case: str) -> None:
        self._officers.cases.approve(self._who(), case)

    def deny_case(self, case: str) -> None:
        self._officers.cases.deny(self._who(), case)

    def close_case(self, case: str) -> None:
        self._officers.cases.close(self._who(), case)

    def cases(self) -> tuple[CaseStanding, ...]:
        return self._officers.cases.standing() if self._who() else ()

    def case(self, case: str) -> CaseFacts | None:
        self._officers.cases.read(self._who(), case)
        return SHOWN


@pytest.fixture
def world(make: Any) -> Any:
    made = make(officer_door=Officers())
    made.store.put(CLIP, session_key="mine")
    made.flag("mine")
    return made


def asked(browser: Any, key: str = OLGA, reason: str = "violence", ref: str = "mine") -> Any:
    browser.get("/clips/mine")
    return browser.send(f"/clips/{ref}/case", key=key, reason=reason)


def number(answer: Any) -> str:
    found = re.search(r'id="case-number">([0-9a-f]{32})<', answer.text)
    assert found is not None
    return found[1]


def test_one_asks_another_approves_and_the_first_reads(world: Any) -> None:
    olga, otto = world.browser("olga"), world.browser("otto")
    assert "Somebody is in danger" in olga.get("/clips/mine").text
    case = number(asked(olga))
    assert olga.send("/cases/approval", case=case, key=OLGA).status_code == 403
    assert olga.send("/cases/open", case=case, key=OLGA).status_code == 403
    otto.get("/cases")
    answer = otto.send("/cases/approval", case=f" {case} ", key=OTTO)
    assert answer.status_code == 200
    assert "Approved" in answer.text
    assert otto.send("/cases/open", case=case, key=OTTO).status_code == 403
    shown = olga.send("/cases/open", case=case, key=OLGA)
    assert "12 Elm Street, Ashland" in shown.text
    assert "+15415550142" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert [entry for entry in world.done() if entry[1].startswith("case_")] == [
        ("olga", "case_asked", "ok", "mine"),
        ("olga", "case_approved", "refused", None),
        ("olga", "case_read", "refused", None),
        ("otto", "case_approved", "ok", None),
        ("otto", "case_read", "refused", None),
        ("olga", "case_read", "ok", None),
    ]
    assert "Elm" not in str(world.done())


def test_a_session_without_the_key_opens_nothing(world: Any) -> None:
    olga = world.browser("olga")
    answer = asked(olga, key="x" * 32)
    assert (answer.status_code, "The vault refuses" in answer.text) == (403, True)
    assert asked(olga, key="short").status_code == 422
    assert asked(olga, reason="curiosity").status_code == 422
    assert asked(olga, ref="ref-000").status_code == 404
    assert asked(olga, ref="nothing").status_code == 404
    assert "x" * 32 not in answer.text


@pytest.mark.parametrize("who", ["ada", "lea", "aud", "root"])
def test_other_roles_have_no_such_page(world: Any, who: str) -> None:
    case = number(asked(world.browser("olga")))
    browser = world.browser(who, "mine")
    browser.get("/clips/mine")
    browser.get("/queue")
    assert "Somebody is in danger" not in browser.get("/clips/mine").text
    assert browser.get("/cases").status_code == 404
    browser.token = world.app.state.form_token(browser.client.cookies["earlid_session"])
    for path in ("/clips/mine/case", "/cases/approval", "/cases/denial", "/cases/open", "/cases/close", "/cases/list"):
        answer = browser.send(path, case=case, key=OTTO, reason="violence")
        assert answer.status_code == 404
        assert "vault" not in answer.text.lower()


def test_an_approver_sees_who_asks_and_hears_the_clip_and_may_deny(world: Any) -> None:
    case = number(asked(world.browser("olga")))
    pia = world.browser("pia")
    pia.get("/cases")
    listed = pia.send("/cases/list", key=PIA).text
    for shown in ("olga", "Violence", "/clips/mine", "Waiting", case):
        assert shown in listed
    assert pia.get("/clips/mine").status_code == 200
    assert pia.send("/clips/mine/case", key=PIA, reason="violence").status_code == 404, "an approver asks for nothing"
    assert "Denied" in pia.send("/cases/denial", case=case, key=PIA).text
    assert pia.send("/cases/approval", case=case, key=PIA).status_code == 403
    assert pia.get("/clips/ref-000").status_code == 404, "nobody flagged it"


def test_a_key_counts_in_its_own_officers_session_alone_and_wrong_ones_are_throttled(world: Any) -> None:
    olga = world.browser("olga")
    case = number(asked(olga))
    codes = [
        olga.send("/cases/approval", case=case, key=key).status_code for key in (OTTO, PIA, OTTO, OTTO, OTTO, OTTO)
    ]
    assert codes == [403] * 5 + [429]
    assert world.done()[-1][:3] == ("olga", "case_approved", "limited")
    pia = world.browser("pia")
    pia.get("/cases")
    assert pia.send("/cases/approval", case=case, key=PIA).status_code == 200


def test_forms_of_other_pages_and_strangers_are_refused(world: Any) -> None:
    olga = world.browser("olga")
    case = number(asked(olga))
    olga.token = "made up"
    assert olga.send("/cases/open", case=case, key=OLGA).status_code == 403
    assert world.browser().ask("POST", "/cases/open", data={"case": case, "key": OLGA}).status_code == 303


def test_without_a_vault_or_under_other_contracts_nothing_opens(make: Any) -> None:
    down = make(officer_door=Officers(down=True))
    down.store.put(CLIP, session_key="mine")
    down.flag("mine")
    assert asked(down.browser("olga")).status_code == 503
    none = make()
    none.store.put(CLIP, session_key="mine")
    none.flag("mine")
    assert asked(none.browser("olga")).status_code == 503
    other = make("apple-2019")
    olga = other.browser("olga")
    assert olga.get("/cases").status_code == 404
    other.flag("ref-000")
    assert "Somebody is in danger" not in olga.get("/clips/ref-000").text
