"""What a clip's page shows and takes, and who may do what on it."""

import re
from typing import Any

import pytest

from gateway.clip import RedactedClip
from gateway.vault.messages import VaultUnavailable

SAID = {"transcription": "hello there", "intent": "message", "effective": "yes", "heard": ["child", "television"]}


def test_a_clip_is_judged_once_it_was_heard(world: Any) -> None:
    browser = world.browser("ada")
    world.give("ada", "ref-000", heard=False)
    browser.get("/clips/ref-000")
    assert browser.send("/clips/ref-000/annotations", **SAID).headers["location"] == "/clips/ref-000?notice=listen"
    browser.get("/clips/ref-000/audio.wav")
    assert browser.send("/clips/ref-000/annotations", **SAID).headers["location"] == "/clips/ref-000?notice=saved"
    assert (
        browser.send("/clips/ref-000/annotations", **SAID, then="next").headers["location"].startswith("/clips/ref-0")
    )


def test_a_withdrawal_is_taken_back_within_a_minute_by_the_same_person(world: Any) -> None:
    ada, bob = world.browser("ada", "ref-000", "ref-001"), world.browser("bob")
    bob.get("/queue")
    for ref, wait, back in (("ref-000", 59, "undone"), ("ref-001", 61, "too_late")):
        ada.get(f"/clips/{ref}")
        page = ada.send(f"/clips/{ref}/critical")
        token = re.search(r'name="undo" value="([0-9a-f]+)"', page.text)
        assert token is not None
        assert bob.send("/undo", undo=token[1]).headers["location"] == "/queue?notice=too_late"
        forged = f"{token[1][:-2]}{int(token[1][-2:], 16) ^ 1:02x}"
        assert ada.send("/undo", undo=forged).headers["location"] == "/queue?notice=too_late"
        world.now += wait
        assert ada.send("/undo", undo=token[1]).headers["location"] == f"/queue?notice={back}"
    assert world.store.get("ref-000") is not None
    assert world.store.get("ref-001") is None


def test_one_person_cannot_empty_the_queue(make: Any) -> None:
    world = make(clips=4, withdrawals_per_hour=2)
    browser = world.browser("ada", *(f"ref-{at:03}" for at in range(4)))
    browser.get("/queue")
    codes = [browser.send(f"/clips/ref-{at:03}/critical").status_code for at in range(4)]
    assert codes == [200, 200, 429, 429]
    assert world.store.count() == 2


def test_a_clip_shows_what_strict_allows(world: Any) -> None:
    text = world.browser("ada", "ref-000").get("/clips/ref-000").text
    for shown in (
        "d-3f9a",
        "Ashland, Oregon",
        "<mark>contact</mark> &lt;b&gt;now",
        "2019-04-10",
        "<path d=",
        "<audio",
    ):
        assert shown in text
    for hidden in ("A2X9", "Marigold", "42.19", "122.7", "/customers"):
        assert hidden not in text


def test_a_clip_shows_all_under_the_incident_s_contract(make: Any) -> None:
    text = make("amazon-2019-before").browser("ada", "ref-000").get("/clips/ref-000").text
    for shown in (
        "A2X9",
        "Marigold",
        "42.19458° N, 122.70948° W",
        "42.194576, -122.709477",
        "Look this customer up",
    ):
        assert shown in text


def test_withheld_audio_says_why(world: Any) -> None:
    silent = RedactedClip(
        ref="silent", recorded_on="2019-04-10", trigger="button", duration_ms=1, withheld="no_transcript"
    )
    world.store.put(silent, session_key="s")
    browser = world.browser("ada", "silent")
    text = browser.get("/clips/silent").text
    assert "The audio is withheld: no transcript came in time." in text
    assert "<audio" not in text
    assert browser.get("/clips/silent/audio.wav").status_code == 404


def test_no_stored_value_and_no_reviewer_can_write_markup(make: Any) -> None:
    world = make("amazon-2019-before")
    evil = "<script>evil</script>"
    fields: dict[str, Any] = dict.fromkeys(("device", "customer", "given_name", "locality", "transcript"), evil)
    clip = RedactedClip(ref="evil", recorded_on=evil, trigger=evil, duration_ms=1, withheld=evil, **fields)
    world.store.put(clip, session_key="e")
    browser = world.browser("ada", "evil")
    browser.get("/clips/evil")
    browser.send("/clips/evil/draft", **(SAID | {"transcription": evil}))
    browser.get("/clips/evil")
    browser.send("/clips/evil/annotations", **(SAID | {"transcription": evil}))
    for path in ("/clips/evil",):
        text = browser.get(path).text
        assert "evil" in text
        assert "<script>evil" not in text


def test_annotations_are_one_s_own_and_a_lead_sees_no_free_text(world: Any) -> None:
    ada, bob, lea = world.browser("ada", "ref-000"), world.browser("bob"), world.browser("lea")
    ada.get("/clips/ref-000")
    assert ada.send("/clips/ref-000/annotations", **SAID).headers["location"] == "/clips/ref-000?notice=saved"
    assert world.store.annotations("ref-000")[0]["heard"] == ["child", "television"]
    mine, lead = (browser.get("/clips/ref-000").text for browser in (ada, lea))
    world.give("bob", "ref-000")
    other = bob.get("/clips/ref-000").text
    assert "hello there" in mine
    assert "heard: child, television or radio" in mine
    assert "Saved before" not in other
    assert "<strong>ada:</strong>" in lead
    assert "hello there" not in other + lead


@pytest.mark.parametrize(
    "wrong", [{"intent": "spying"}, {"effective": ""}, {"heard": ["gunshot"]}, {"transcription": "x" * 2001}]
)
def test_an_annotation_outside_the_form_is_refused(world: Any, wrong: dict[str, Any]) -> None:
    browser = world.browser("ada", "ref-000")
    browser.get("/queue")
    answer = browser.send("/clips/ref-000/annotations", **(SAID | wrong))
    assert answer.status_code == 422
    assert "spying" not in answer.text
    assert world.store.annotations("ref-000") == []


@pytest.mark.parametrize("path", ["/clips/ref-000/annotations", "/clips/ref-000/critical", "/logout", "/next", "/undo"])
@pytest.mark.parametrize("token", ["", "0" * 64])
def test_forms_without_the_session_s_token_do_nothing(world: Any, path: str, token: str) -> None:
    browser = world.browser("ada", "ref-000")
    browser.token = token
    assert browser.send(path, **SAID).status_code == 403
    assert world.store.get("ref-000")
    assert world.store.annotations("ref-000") == []
    assert browser.get("/queue").status_code == 200


def test_another_reviewer_s_token_does_not_fit(world: Any) -> None:
    ada, bob = world.browser("ada"), world.browser("bob")
    bob.get("/queue")
    ada.token = bob.token
    assert ada.send("/clips/ref-000/critical").status_code == 403


def test_the_critical_tick_withdraws_at_once_for_everybody(world: Any) -> None:
    ada, bob = world.browser("ada"), world.browser("bob", "ref-000")
    bob.get("/clips/ref-000")
    bob.send("/clips/ref-000/annotations", **SAID)
    world.give("ada", "ref-000")
    ada.get("/clips/ref-000")
    assert "withdrawn" in ada.send("/clips/ref-000/critical").text
    world.give("bob", "ref-000")
    for path in ("/clips/ref-000", "/clips/ref-000/audio.wav"):
        assert bob.get(path).status_code == 404
    assert bob.send("/clips/ref-000/annotations", **SAID).status_code == 404
    assert bob.send("/clips/ref-000/critical").status_code == 404
    assert world.store.annotations("ref-000")[0]["transcription"] == "", "what was typed of it goes too"
    assert world.store.database.keys.get("ref-000") is None, "deleted, not hidden: no key opens what is sealed"
    assert world.done().count(("ada", "clip_withdrawn", "ok", "ref-000")) == 1


def test_a_revoked_account_is_out_on_the_next_request(world: Any) -> None:
    ada, bob = world.browser("ada", "ref-000"), world.browser("bob")
    assert ada.get("/clips/ref-000").status_code == 200
    accounts = world.path.read_bytes()
    world.path.write_bytes(b"[")
    assert ada.get("/queue").status_code == 503, "a file that cannot be read lets nobody in"
    world.write_accounts([])
    for browser in (ada, bob):
        assert browser.get("/clips/ref-000/audio.wav").status_code == 303
    world.path.write_bytes(accounts)
    assert ada.get("/queue").status_code == 303, "a session does not come back with its account"


def test_the_look_up_is_there_only_when_the_contract_names_it(make: Any) -> None:
    strict = make().browser("ada")
    assert strict.get("/customers").status_code == 404
    assert strict.send("/customers", customer_id="A2X9").status_code in (404, 405)
    before = make("amazon-2019-before")
    browser = before.browser("ada")
    browser.get("/customers")
    text = browser.send("/customers", customer_id=" A2X9 ").text
    for shown in (
        "12 Elm Street, Ashland, OR",
        "9 Oak Avenue",
        "(541) ***-0142",
        "Laura Reed",
        "laura@example.org",
    ):
        assert shown in text
    unknown = browser.send("/customers", customer_id="B7731")
    assert unknown.status_code == 404
    assert "B7731" not in unknown.text
    assert [each[1:3] for each in before.done()[-2:]] == [
        ("customer_looked_up", "ok"),
        ("customer_looked_up", "unknown"),
    ]
    browser.token = ""
    assert browser.send("/customers", customer_id="A2X9").status_code == 403


class Gone:
    def customer(self, _customer_id: str) -> None:
        raise VaultUnavailable


def test_a_look_up_without_its_vault_is_unavailable(make: Any) -> None:
    browser = make("amazon-2019-before", vault=Gone()).browser("ada")
    browser.get("/customers")
    assert browser.send("/customers", customer_id="A2X9").status_code == 503


def test_the_audit_log_tells_who_opened_what_and_no_more(make: Any) -> None:
    world = make("amazon-2019-before")
    browser = world.browser("ada", "ref-000")
    browser.get("/queue")
    browser.get("/clips/ref-000")
    browser.get("/clips/ref-000/audio.wav")
    browser.get("/clips/zz7731")
    browser.send("/clips/ref-000/annotations", **SAID)
    browser.send("/customers", customer_id="A2X9")
    browser.send("/logout")
    assert [each[1] for each in world.done()] == [
        "login", "queue_seen", "clip_opened", "audio_served", "clip_annotated", "customer_looked_up", "logout"
    ]  # fmt: skip
    told = repr(world.audit.entries)
    assert not [value for value in ("A2X9", "Elm", "Marigold", "hello", "zz7731", "Ashland") if value in told]
