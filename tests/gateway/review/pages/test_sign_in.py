"""Nothing is shown without a sign-in, and a refused one tells nothing."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/queue"),
        ("POST", "/next"),
        ("GET", "/clips/ref-000"),
        ("GET", "/clips/ref-000/audio.wav"),
        ("GET", "/clips/nowhere"),
        ("POST", "/clips/ref-000/annotations"),
        ("POST", "/clips/ref-000/critical"),
        ("POST", "/logout"),
    ],
)
def test_nothing_without_a_login(world: Any, method: str, path: str) -> None:
    answer = world.browser().ask(method, path)
    assert (answer.status_code, answer.headers["location"], answer.content) == (303, "/login", b"")
    assert world.store.get("ref-000")


def test_signing_in_and_out(world: Any) -> None:
    browser = world.browser()
    answer = browser.sign_in("ada")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("earlid_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert browser.get("/queue").status_code == 200
    stolen = dict(browser.client.cookies)
    assert browser.send("/logout").headers["location"] == "/login"
    browser.client.cookies.update(stolen)
    assert browser.get("/queue").status_code == 303, "the session is gone on the server, not only in the browser"


@pytest.mark.parametrize(
    ("name", "password", "code"), [("ada", "wrong", None), ("nobody", "wrong", None), ("ada", None, "000000")]
)
def test_a_refused_login_says_nothing_of_what_was_wrong(world: Any, name: str, password: str, code: str) -> None:
    browser = world.browser()
    answer = browser.sign_in(name, **{k: v for k, v in {"password": password, "code": code}.items() if v})
    assert answer.status_code == 401
    assert "Name, password or code is wrong." in answer.text
    assert f'"{name}"' not in answer.text
    assert f"{name}<" not in answer.text
    assert browser.get("/queue").status_code == 303


def test_too_many_tries_are_told_to_wait(world: Any) -> None:
    browser = world.browser()
    for _ in range(5):
        browser.sign_in("ada", "wrong")
    answer = browser.sign_in("ada")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_a_login_form_without_its_token_is_refused(world: Any) -> None:
    browser = world.browser()
    browser.get("/login")
    browser.token = "0" * 64
    assert browser.send("/login", username="ada", password="x", code=browser.code()).status_code == 403
