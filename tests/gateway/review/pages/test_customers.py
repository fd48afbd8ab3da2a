"""The blind contact check as a reviewer meets it: on the clip's page and in the API."""

from typing import Any

from gateway.clip import RedactedClip
from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import TriesUsedUp, VaultUnavailable

CLIP = RedactedClip(ref="mine", recorded_on="2019-04-10", trigger="button", duration_ms=900, owner="sealed")


def test_a_contact_check_says_yes_or_no_and_never_a_name(make: Any) -> None:
    asked: list[tuple[str, str, str, str]] = []

    def matches(owner: str, reviewer: str, clip: str, heard: str) -> bool:
        asked.append((owner, reviewer, clip, heard))
        if len(asked) > 2:
            raise TriesUsedUp
        return heard == "Laura"

    world = make(vault=InMemoryVault(contact_matches=matches))
    world.store.put(CLIP, session_key="mine")
    browser = world.browser("ada", "mine", "ref-000")
    browser.get("/clips/mine")
    assert "Contact check" in browser.get("/clips/mine").text
    for heard, notice in (("Laura", "Yes: it matches"), ("Zoe", "No: it matches none"), ("Ann", "No more tries")):
        answer = browser.send("/clips/mine/contact", heard=heard)
        assert answer.status_code == 303
        shown = browser.get(answer.headers["location"]).text
        assert notice in shown
        assert heard not in shown
    assert browser.get(browser.send("/clips/ref-000/contact", heard="Laura").headers["location"]).status_code == 200
    assert asked[0] == ("sealed", "ada", "mine", "Laura")
    assert [entry[1:] for entry in world.done() if entry[1] == "contact_checked"] == [
        ("contact_checked", "ok", "mine"),
        ("contact_checked", "ok", "mine"),
        ("contact_checked", "limited", "mine"),
        ("contact_checked", "unknown", "ref-000"),
    ]
    assert browser.send("/clips/mine/contact", heard="").status_code == 422


def test_without_a_contact_check_there_is_no_such_page(make: Any) -> None:
    world = make("amazon-2019-before")
    browser = world.browser("ada", "ref-000")
    assert "Contact check" not in browser.get("/clips/ref-000").text
    assert browser.send("/clips/ref-000/contact", heard="Laura").status_code == 404


def test_the_api_answers_the_same_and_says_when_it_cannot(make: Any) -> None:
    def matches(owner: str, reviewer: str, clip: str, heard: str) -> bool:
        if heard == "Ann":
            raise VaultUnavailable("vault: gone")
        if heard == "Zoe":
            raise TriesUsedUp
        return True

    world = make(vault=InMemoryVault(contact_matches=matches))
    world.store.put(CLIP, session_key="mine")
    browser = world.browser("ada", "mine", "ref-000")
    browser.get("/clips/mine")
    asked = {
        heard: browser.ask("POST", "/api/clips/mine/contact", json={"heard": heard}) for heard in ("Al", "Ann", "Zoe")
    }
    assert {heard: answer.status_code for heard, answer in asked.items()} == {"Al": 200, "Ann": 503, "Zoe": 429}
    assert asked["Al"].json() == {"match": True}
    assert world.browser().ask("POST", "/api/clips/mine/contact", json={"heard": "Al"}).status_code == 401


def test_a_lead_reads_what_redaction_leaves_of_a_note(make: Any) -> None:
    world = make()
    ada = world.browser("ada", "ref-000")
    said = {"transcription": "alexa message Laura now", "intent": "message", "effective": "yes"}
    assert ada.ask("POST", "/api/clips/ref-000/annotations", json=said).status_code == 201
    mine = ada.get("/api/clips/ref-000").json()["annotations"][0]["transcription"]
    theirs = world.browser("lea").get("/api/clips/ref-000").json()["annotations"][0]["transcription"]
    assert mine == "alexa message Laura now"
    assert theirs == "alexa message [contact] now"
