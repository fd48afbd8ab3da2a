from typing import Any

import pytest

PASSWORD = "correct horse battery"
SAID = {"transcription": "hello there", "intent": "message", "effective": "yes", "heard": ["child"]}


def signed_in(world: Any, name: str = "ada", *refs: str) -> Any:
    browser = world.browser()
    world.give(name, *refs)
    world.now += 30
    answer = browser.ask("POST", "/api/session", json={"username": name, "password": PASSWORD, "code": browser.code()})
    assert answer.json() == {"username": name, "role": "reviewer", "contract": world.contract.name}
    return browser


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/queue"),
        ("POST", "/api/next"),
        ("GET", "/api/clips/ref-000"),
        ("GET", "/api/clips/ref-000/audio"),
        ("GET", "/api/openapi.json"),
        ("POST", "/api/clips/ref-000/annotations"),
        ("POST", "/api/clips/ref-000/critical"),
        ("DELETE", "/api/session"),
    ],
)
def test_nothing_without_a_login(world: Any, method: str, path: str) -> None:
    body = {"json": SAID} if method == "POST" else {}
    answer = world.browser().ask(method, path, headers={"x-earlid": "1"}, **body)
    assert (answer.status_code, answer.json()) == (401, {"error": "Sign in first."})
    assert world.store.get("ref-000")


def test_calls_that_got_no_answer_may_be_sent_again(world: Any) -> None:
    browser = signed_in(world)
    mine = {"x-earlid": "1"}
    ref = browser.ask("POST", "/api/next", headers=mine).json()["ref"]
    assert browser.ask("POST", "/api/next?resume=true", headers=mine).json()["ref"] == ref
    browser.get(f"/api/clips/{ref}/audio")
    for _ in range(3):
        assert browser.ask("POST", f"/api/clips/{ref}/annotations", json=SAID).status_code == 201
    assert len(browser.get(f"/api/clips/{ref}").json()["annotations"]) == 1
    assert browser.get("/api/queue").json()["annotated_today"] == 1
    assert browser.ask("POST", "/api/next?resume=true", headers=mine).json()["ref"] != ref, "it is done"


def test_a_day_s_work_over_json(world: Any) -> None:
    browser = signed_in(world)
    mine = {"x-earlid": "1"}
    assert browser.get("/api/queue").json() == {
        "claims": [], "waiting": 3, "annotated_today": 0, "skipped_today": 0
    }  # fmt: skip
    ref = browser.ask("POST", "/api/next", headers=mine).json()["ref"]
    assert browser.get("/api/queue").json()["claims"] == [{"ref": ref, "done": False, "heard": False}]
    clip = browser.get(f"/api/clips/{ref}").json()
    assert (clip["transcript"], clip["locality"]) == ("alexa message [contact] <b>now</b>", "Ashland, Oregon")
    assert [clip[hidden] for hidden in ("customer", "given_name", "latitude", "longitude")] == [None] * 4
    early = browser.ask("POST", f"/api/clips/{ref}/annotations", json=SAID)
    assert (early.status_code, "heard" in early.json()["error"]) == (409, True)
    audio = browser.get(f"/api/clips/{ref}/audio")
    assert (audio.headers["content-type"], audio.content[:4]) == ("audio/wav", b"RIFF")
    more = {"false_activation": False, "speakers": [{"start_ms": 0, "end_ms": 200, "who": "child"}]}
    assert browser.ask("POST", f"/api/clips/{ref}/annotations", json=SAID | more).status_code == 201
    assert browser.get(f"/api/clips/{ref}").json()["annotations"] == [SAID | more | {"reviewer": "ada"}]
    second = browser.ask("POST", "/api/next", headers=mine).json()["ref"]
    assert second != ref
    assert browser.get(f"/api/clips/{ref}").status_code == 404, "done and given back"
    assert browser.ask("POST", f"/api/clips/{second}/release", json={"why": "unclear"}).json() == {"done": True}
    third = browser.ask("POST", "/api/next", headers=mine).json()["ref"]
    gone = browser.ask("POST", f"/api/clips/{third}/critical", json={}).json()
    assert [browser.get(f"/api/clips/{third}{what}").status_code for what in ("", "/audio")] == [404, 404]
    assert browser.ask("POST", "/api/next", headers=mine).json() == {"ref": None}
    assert browser.ask("POST", "/api/undo", json={"undo": gone["undo"]}).json() == {"ref": third}
    assert browser.ask("POST", "/api/next", headers=mine).json() == {"ref": third}
    assert browser.ask("DELETE", "/api/session", headers=mine).status_code == 200
    assert browser.get("/api/queue").status_code == 401


@pytest.mark.parametrize(
    "headers", [{}, {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}]
)
def test_what_another_site_could_send_is_refused(world: Any, headers: dict[str, str]) -> None:
    browser = signed_in(world, "ada", "ref-000")
    assert browser.ask("POST", "/api/clips/ref-000/critical", headers=headers).status_code == 403
    assert browser.ask("DELETE", "/api/session", headers=headers).status_code == 403
    assert browser.get("/api/clips/ref-000").status_code == 200


def test_wrong_logins_are_refused_alike_then_throttled(world: Any) -> None:
    browser = world.browser()
    bodies = [
        {"username": "ada", "password": "wrong-7731", "code": browser.code()},
        {"username": "eve-7731", "password": PASSWORD, "code": browser.code()},
        {"username": "ada", "password": PASSWORD, "code": "007731"},
    ]
    answers = [browser.ask("POST", "/api/session", json=body) for body in bodies]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, '{"error":"Sign in first."}')}
    for _ in range(3):
        browser.ask("POST", "/api/session", json=bodies[0])
    late = browser.ask("POST", "/api/session", json=bodies[0] | {"password": PASSWORD})
    assert (late.status_code, "retry-after" in late.headers) == (429, True)


@pytest.mark.parametrize(
    "wrong", [{"intent": "spying-7731"}, {"heard": "7731"}, {"extra": "7731"}, {"transcription": "7" * 2001}]
)
def test_wrong_shapes_are_refused_without_an_echo(world: Any, wrong: dict[str, Any]) -> None:
    answer = signed_in(world, "ada", "ref-000").ask("POST", "/api/clips/ref-000/annotations", json=SAID | wrong)
    assert (answer.status_code, "7731" in answer.text) == (422, False)
    assert world.store.annotations("ref-000") == []


def test_the_description_lists_the_look_up_only_where_there_is_one(make: Any) -> None:
    paths = {
        name: set(signed_in(make(name)).get("/api/openapi.json").json()["paths"])
        for name in ("strict", "amazon-2019-before")
    }
    assert paths["amazon-2019-before"] - paths["strict"] == {"/api/customers/{customer_id}"}
    assert "/queue" not in paths["strict"]
    assert "/api/clips/{ref}/annotations" in paths["strict"]


def test_the_look_up(make: Any) -> None:
    assert signed_in(make()).get("/api/customers/A2X9").status_code == 404
    browser = signed_in(make("amazon-2019-before"))
    facts = browser.get("/api/customers/A2X9").json()
    assert facts["home"]["street"] == "12 Elm Street"
    assert facts["contacts"] == [{"name": "Laura Reed", "phones": ["(503) ***-0199"], "emails": ["laura@example.org"]}]
    assert browser.get("/api/customers/B7731").status_code == 404
