"""Break-glass in the review tool: two officers with keys of their own, and nobody else."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.clip import RedactedClip
from gateway.contract.model import BreakGlass
from gateway.vault.break_glass import Cases
from gateway.vault.client import CaseFacts, CaseRefused, PlaceFacts, Reason, VaultUnavailable
from gateway.vault.journal import JournalInMemory

CLIP = RedactedClip(ref="mine", recorded_on="2019-04-10", trigger="button", duration_ms=900, owner="sealed")
KEYS = {"o" * 32: "olga", "t" * 32: "otto"}
OLGA, OTTO = KEYS
SHOWN = CaseFacts(home=PlaceFacts(street="12 Elm Street", city="Ashland"), phones=("+15415550142",))


class Officers:
    """The vault's own rules, without its process."""

    def __init__(self, down: bool = False) -> None:
        self.cases = Cases(BreakGlass(), lambda: datetime(2019, 4, 10, tzinfo=UTC), JournalInMemory())
        self.down = down

    def __call__(self, key: str) -> "Door":
        return Door(self, KEYS.get(key))


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

    def case(self, case: str) -> CaseFacts | None:
        self._officers.cases.read(self._who(), case)
        return SHOWN


@pytest.fixture
def world(make: Any) -> Any:
    made = make(officer_door=Officers())
    made.store.put(CLIP, session_key="mine")
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


@pytest.mark.parametrize("who", ["ada", "lea"])
def test_other_roles_have_no_such_page(world: Any, who: str) -> None:
    case = number(asked(world.browser("olga")))
    browser = world.browser(who)
    page = browser.get("/clips/mine").text
    assert "Somebody is in danger" not in page
    assert "/cases" not in page
    assert browser.get("/cases").status_code == 404
    assert browser.send("/clips/mine/case", key=OLGA, reason="violence").status_code == 404
    for step in ("approval", "open"):
        answer = browser.send(f"/cases/{step}", case=case, key=OTTO)
        assert answer.status_code == 404
        assert "vault" not in answer.text.lower()


def test_forms_of_other_pages_and_strangers_are_refused(world: Any) -> None:
    olga = world.browser("olga")
    case = number(asked(olga))
    olga.token = "made up"
    assert olga.send("/cases/open", case=case, key=OLGA).status_code == 403
    assert world.browser().ask("POST", "/cases/open", data={"case": case, "key": OLGA}).status_code == 303


def test_without_a_vault_or_under_other_contracts_nothing_opens(make: Any) -> None:
    down = make(officer_door=Officers(down=True))
    down.store.put(CLIP, session_key="mine")
    assert asked(down.browser("olga")).status_code == 503
    none = make()
    none.store.put(CLIP, session_key="mine")
    assert asked(none.browser("olga")).status_code == 503
    other = make("apple-2019")
    olga = other.browser("olga")
    assert olga.get("/cases").status_code == 404
    assert "Somebody is in danger" not in olga.get("/clips/ref-000").text
