"""What an attacker sends: injections, traversal, fixation, pollution, smuggling. Nothing of it does anything."""

import socket
from typing import Any

import pytest

from gateway.review.serving.connections import Bounds
from tests.gateway.review.conftest import PASSWORD
from tests.gateway.review.serving.test_connections import LONG, serving

SQL = ["' OR '1'='1", "'; DROP TABLE clips; --", '" OR 1=1 --', "ref-000' UNION SELECT username FROM sessions --"]
SAID = {"intent": "other", "effective": "yes"}


@pytest.mark.parametrize("text", SQL)
def test_no_field_reaches_the_database_as_a_statement(make: Any, text: str) -> None:
    world = make("strict", customer_lookup=True)
    browser = world.browser("ada", "ref-000")
    own = {"headers": {"x-earlid": "1"}}
    assert browser.get("/api/clips/" + text.replace("/", "")).status_code == 404
    assert browser.get(f"/api/customers/{text}").status_code == 404
    assert browser.ask("POST", "/api/undo", json={"undo": text}).status_code in (404, 422)
    assert browser.ask("POST", f"/api/clips/{text}/critical", **own).status_code == 404
    answer = browser.ask("POST", "/api/clips/ref-000/annotations", json=SAID | {"transcription": text})
    assert answer.status_code == 201
    assert [each["transcription"] for each in world.store.annotations("ref-000")] == [text]
    stranger = world.browser()
    assert stranger.sign_in(text, PASSWORD).status_code == 401
    assert stranger.sign_in("ada", text).status_code == 401
    assert world.store.count() == 3


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/....//app.py",
        "/static//etc/passwd",
        "/clips/..%2f..%2f..%2fetc%2fpasswd",
        "/static/",
        "/static",
        "/.git/config",
        "/api/clips/%00",
    ],
)
def test_no_path_leads_to_a_file_or_a_list_of_files(world: Any, path: str) -> None:
    answer = world.browser("ada").get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


@pytest.mark.parametrize("text", ["x\r\nset-cookie: earlid_session=evil", "x\nlocation: //evil.example", "\x1b[2J"])
def test_no_answer_takes_a_header_or_a_control_character_from_a_request(world: Any, text: str) -> None:
    browser = world.browser("ada")
    answers = [
        browser.ask("GET", "/account", params={"notice": text}),
        browser.ask("GET", "/clips/x", params={"notice": text}),
        browser.sign_in(text, text, text),
    ]
    for answer in answers:
        assert "evil" not in str(answer.headers)
        assert "evil" not in answer.text
        assert "\x1b" not in answer.text
    assert all("\n" not in str(each) and "evil" not in str(each) for each in world.done())


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "DEBUG"])
def test_methods_that_tell_of_the_server_are_not_there(world: Any, method: str) -> None:
    answer = world.browser("ada").ask(method, "/queue", headers={"x-mark": "7731"})
    assert answer.status_code == 405
    assert "7731" not in answer.text


def test_a_session_that_somebody_chose_beforehand_is_not_taken(world: Any) -> None:
    browser = world.browser()
    browser.client.cookies["earlid_session"] = "chosen-by-an-attacker"
    world.now += 30
    answer = browser.sign_in("ada")
    token = answer.cookies["earlid_session"]
    assert token != "chosen-by-an-attacker"
    attacker = world.browser()
    attacker.client.cookies["earlid_session"] = "chosen-by-an-attacker"
    assert attacker.get("/queue").status_code == 303


def test_a_name_in_the_address_or_twice_in_a_form_does_not_change_who_is_meant(world: Any) -> None:
    browser = world.browser()
    browser.get("/login")
    world.now += 30
    form = {"csrf": browser.token, "username": "ada", "password": PASSWORD, "code": browser.code()}
    answer = browser.ask("POST", "/login?username=root&password=x", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert [who for who, what, how, _ in world.done() if what == "login" and how == "ok"] == ["ada"]
    other = world.browser()
    other.get("/login")
    world.now += 30
    form = {"csrf": other.token, "username": ["root", "ada"], "password": PASSWORD, "code": other.code()}
    assert other.ask("POST", "/login", data=form).headers["location"] == "/queue"


def test_nobody_gives_themselves_a_role(make: Any) -> None:
    world = make()
    browser = world.browser("ada", "ref-000")
    body = SAID | {"transcription": "x", "role": "administrator", "reviewer": "bob"}
    assert browser.ask("POST", "/api/clips/ref-000/annotations", json=body).status_code == 422
    form = {"transcription": "x", "role": "administrator", "reviewer": "bob", **SAID}
    browser.get("/clips/ref-000")
    browser.send("/clips/ref-000/annotations", **form)
    assert {each["reviewer"] for each in world.store.annotations("ref-000")} <= {"ada"}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nabcde", b" 400 "),
        (b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n", b" 400 "),
        (b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\n", b" 400 "),
        (b"POST / HTTP/1.1\r\nhost: a\r\nx: a\x00b\r\n\r\n", b" 400 "),
    ],
)
def test_where_a_request_ends_is_not_a_matter_of_opinion(sent: bytes, status: bytes) -> None:
    bounds = Bounds(header_s=LONG)
    with serving(bounds) as (port, _), socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(sent)
        answer = client.recv(4096)
    assert status in answer.partition(b"\r\n")[0], answer
