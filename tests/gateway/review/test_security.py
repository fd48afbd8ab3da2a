import ipaddress
from typing import Any

import httpx
import pytest
from fastapi import Request

from gateway.review.app import make_app
from gateway.review.people.accounts import Accounts
from gateway.review.security import HEADERS, HSTS, MAX_BODY_BYTES
from gateway.review.services.signing import Signing
from gateway.review.tool import ReviewTool
from gateway.storage.queue.assignments import Assignments


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200),
        ("/login", 200),
        ("/queue", 200),
        ("/clips/ref-000", 200),
        ("/clips/ref-000/audio.wav", 200),
        ("/api/queue", 200),
        ("/static/review.css", 200),
        ("/clips/unknown", 404),
        ("/queue?notice=" + "x" * 21, 422),
    ],
)
def test_every_response_has_the_headers(world: Any, path: str, status: int) -> None:
    answer = world.browser("ada", "ref-000").get(path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


PROBE = "probe7731"


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("GET", f"/{PROBE}", {404}),
        ("GET", f"/{PROBE}/", {404}),
        ("GET", f"/clips/{PROBE}", {404}),
        ("GET", f"/clips/{PROBE}/audio.wav", {404}),
        ("GET", f"/static/{PROBE}.css", {404}),
        ("GET", f"/static/../{PROBE}", {404}),
        ("GET", f"/queue?notice={PROBE * 3}", {422}),
        ("GET", f"/queue?notice={PROBE}", {200}),
        ("PUT", f"/queue?{PROBE}", {405}),
        ("GET", f"/api/clips/{PROBE}", {404}),
        ("GET", f"/api/{PROBE}", {404}),
        ("POST", f"/api/session?{PROBE}", {422}),
    ],
)
def test_no_answer_echoes_the_request(world: Any, method: str, path: str, statuses: set[int]) -> None:
    more = {"content": PROBE.encode(), "headers": {"content-type": "application/json"}} if method == "POST" else {}
    answer = world.browser("ada").ask(method, path, **more)
    assert answer.status_code in statuses
    assert PROBE not in answer.text + repr(answer.headers)


def test_nothing_is_described_to_strangers(world: Any) -> None:
    browser = world.browser()
    assert browser.get("/healthz").text == "ok"
    for path in ("/openapi.json", "/docs", "/redoc", "/api/docs", "/queue/", "/static/"):
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/login", "/api/session"])
def test_bodies_have_a_limit_whether_announced_or_not(world: Any, path: str) -> None:
    async def chunks() -> Any:
        for _ in range(MAX_BODY_BYTES // 1024 + 1):
            yield b"a" * 1024

    headers = {"content-type": "application/x-www-form-urlencoded" if path == "/login" else "application/json"}
    browser = world.browser()
    for body in (b"a" * (MAX_BODY_BYTES + 1), chunks()):
        assert browser.ask("POST", path, content=body, headers=headers).status_code == 413


@pytest.mark.parametrize("path", ["/queue", "/api/queue"])
def test_an_unexpected_error_tells_kind_and_place_to_the_operator_only(
    world: Any, path: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = world.browser("ada")

    def broken(_self: object) -> None:
        raise KeyError("probe7731")

    monkeypatch.setattr(Assignments, "publish", broken)
    answer = browser.get(path)
    assert answer.status_code == 500
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    told = capsys.readouterr().err
    assert "KeyError at test_security.py" in told
    assert "probe7731" not in told + answer.text


@pytest.mark.parametrize(
    ("peer", "said", "believed"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),
    ],
)
def test_a_forwarded_address_is_believed_from_a_configured_proxy_alone(peer: str, said: str, believed: str) -> None:
    headers = [(b"x-forwarded-for", said.encode())] if said else []
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})
    signing = Signing(None, None, [ipaddress.ip_network("10.0.0.0/8")])
    assert signing.address(request) == believed


def test_names_it_was_not_told_of_are_refused(world: Any) -> None:
    app = make_app(
        ReviewTool.over(
            store=world.store,
            contract=world.contract,
            accounts=Accounts(world.path),
            audit=world.audit,
        ),
        hosts=["localhost"],
    )
    for host, status in (("localhost", 200), ("evil.test", 400)):
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url=f"http://{host}")
        answer = world.runner.run(client.get("/healthz"))
        world.runner.run(client.aclose())
        assert (answer.status_code, "content-security-policy" in answer.headers) == (status, True)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/login", "GET, POST"),
        ("GET", "/next", "POST"),
        ("PUT", "/api/session", "DELETE, POST"),
        ("POST", "/clips/ref-000", "GET"),
        ("PROBE7731", "/queue", "GET"),
    ],
)
def test_a_method_that_is_not_there_is_answered_with_those_that_are(
    world: Any, method: str, path: str, allowed: str
) -> None:
    answer = world.browser().ask(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert "7731" not in answer.text + repr(answer.headers)


def test_over_tls_cookies_stay_on_tls_and_the_browser_is_told_to(world: Any, browse: Any) -> None:
    world.serve(secure=True)
    browser = browse(world, "https://review.test")
    world.open_browsers.append(browser)
    world.now += 30
    signed_in = browser.sign_in("ada")
    cookies = signed_in.headers.get_list("set-cookie")
    assert len(cookies) == 3
    for each in cookies:
        assert each.startswith("__Host-earlid_")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(each.split("; "))
        assert "Domain" not in each
    answer = browser.get("/queue")
    assert (answer.status_code, answer.headers["strict-transport-security"]) == (200, HSTS["strict-transport-security"])
    gone = browser.send("/logout").headers["set-cookie"]
    assert gone.startswith("__Host-earlid_session=")
    assert "Max-Age=0" in gone
    assert "Secure" in gone


def test_without_tls_nothing_claims_it(world: Any) -> None:
    answer = world.browser().get("/login")
    assert "strict-transport-security" not in answer.headers
    assert "Secure" not in answer.headers["set-cookie"]
