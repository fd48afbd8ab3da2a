"""The administrator's page over HTTP: what it does, what it asks for, and what it never shows."""

import re
from typing import Any

import pytest

from tests.gateway.review.pages.test_account import PASSWORD, join, sign_in

OWN = {"now": PASSWORD}


@pytest.fixture
def world(make: Any) -> Any:
    made = make(stored=True)
    made.root = sign_in(made, join(made, "root", "administrator")[0], "root")[0]
    made.ada = sign_in(made, join(made)[0])[0]
    made.root.get("/people")
    return made


def state_of(world: Any, username: str) -> str | None:
    return {each.username: each.state for each in world.stored.standings()}.get(username)


def test_an_administrator_invites_and_the_link_is_shown_once(world: Any) -> None:
    answer = world.root.send("/people/invite", username="bob", role="auditor", **OWN)
    word = re.search(r"http://review\.test/join#([A-Za-z0-9_-]{43})<", answer.text)
    assert word
    assert world.stored.invited(word[1]).username == "bob"
    assert word[1] not in world.root.get("/people").text
    assert state_of(world, "bob") == "invited"
    lines = [(each.actor, each.detail) for each in world.audit.entries if each.action == "account_changed"]
    assert lines[-2:] == [("root", "administrator_invite"), ("bob", "invited_by_administrator")]


@pytest.mark.parametrize(("what", "state"), [("sign_out", "active"), ("disable", "disabled"), ("reset", "invited")])
def test_a_change_ends_every_session_at_once(world: Any, what: str, state: str) -> None:
    assert world.ada.get("/queue").status_code == 200
    answer = world.root.send("/people/change", username="ada", what=what, **OWN)
    assert answer.status_code == 200
    assert ("join#" in answer.text) == (what == "reset")
    assert world.ada.get("/queue").status_code == 303
    assert state_of(world, "ada") == state


def test_who_was_disabled_is_enabled_again(world: Any) -> None:
    for what, state in (("disable", "disabled"), ("enable", "active")):
        world.root.send("/people/change", username="ada", what=what, **OWN)
        assert state_of(world, "ada") == state


@pytest.mark.parametrize(
    ("path", "fields", "status", "said"),
    [
        ("/people/invite", {"username": "bob", "now": "wrong"}, 422, "not your password"),
        ("/people/invite", {"username": "Bob B", **OWN}, 422, "lower case"),
        ("/people/invite", {"username": "ada", **OWN}, 409, "has that name"),
        ("/people/invite", {"username": "bob", "role": "god", **OWN}, 422, "missing or wrong"),
        ("/people/change", {"username": "ada", "what": "reset", "now": "wrong"}, 422, "not your password"),
        ("/people/change", {"username": "root", "what": "disable", **OWN}, 422, "own account"),
        ("/people/change", {"username": "nobody", "what": "disable", **OWN}, 404, "no such account"),
        ("/people/change", {"username": "ada", "what": "promote", **OWN}, 422, "missing or wrong"),
        ("/people/change", {"username": "ada", "what": "disable", "csrf": "forged", **OWN}, 403, "not allowed"),
    ],
)
def test_what_is_wrong_changes_nothing(world: Any, path: str, fields: dict[str, str], status: int, said: str) -> None:
    before = world.stored.standings()
    answer = world.root.send(path, **fields)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert [(each.username, each.role, each.state) for each in world.stored.standings()] == [
        (each.username, each.role, each.state) for each in before
    ]


def test_guessing_an_administrators_password_from_an_open_session_is_stopped(world: Any) -> None:
    said = [world.root.send("/people/change", username="ada", what="disable", now="wrong").text for _ in range(7)]
    assert "Too many tries" in said[-1]
    assert "Too many tries" in world.root.send("/people/change", username="ada", what="disable", **OWN).text
    assert state_of(world, "ada") == "active"


def test_nobody_else_has_the_page_and_it_shows_nothing_of_a_clip(world: Any) -> None:
    world.ada.ask("POST", "/api/next", headers={"x-earlid": "1"})
    shown = world.root.get("/people").text
    assert "ref-0" not in shown
    assert "[contact]" not in shown
    assert shown.count("<td>ada</td>") == 2
    assert world.ada.get("/people").status_code == 404
    assert world.ada.send("/people/change", username="root", what="disable", **OWN).status_code == 404
    assert state_of(world, "root") == "active"


def test_a_session_that_expired_is_not_open(world: Any) -> None:
    world.now += 31 * 60
    secret = join(world, "second", "administrator")[0]
    shown = sign_in(world, secret, "second")[0].get("/people").text
    assert shown.count("<td>second</td>") == 2
    assert shown.count("<td>ada</td>") == 1


def test_accounts_of_a_file_are_changed_in_the_file(make: Any) -> None:
    browser = make().browser("root")
    assert "Accounts stand in a file" in browser.get("/people").text
    assert browser.send("/people/change", username="ada", what="disable", now="x").status_code == 404


def test_what_cannot_be_logged_is_not_done(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(world.audit, "record", full)
    assert world.root.send("/people/change", username="ada", what="disable", **OWN).status_code == 503
    assert world.root.send("/people/invite", username="bob", **OWN).status_code == 503
    assert (state_of(world, "ada"), state_of(world, "bob")) == ("active", None)
