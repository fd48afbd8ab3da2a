"""Clips are assigned one by one, in batches, and to one person at a time."""

import re
from typing import Any

import pytest

from tests.gateway.review.conftest import clip

SAID = {"transcription": "hello there", "intent": "message", "effective": "yes", "heard": ["child", "television"]}


def test_nobody_is_shown_a_list_of_what_waits(make: Any) -> None:
    world = make(clips=45)
    browser = world.browser("ada")
    page = browser.get("/queue")
    assert "45 clips wait for you" in page.text
    assert "ref-0" not in page.text
    ref = browser.send("/next").headers["location"]
    assert re.fullmatch(r"/clips/ref-\d+", ref)
    assert browser.send("/next").headers["location"] == ref, "one goes on with what one has"
    assert re.findall(r"ref-\d+(?=</a>)", browser.get("/queue").text) == [ref.removeprefix("/clips/")]
    for at in range(45):
        status = 200 if f"/clips/ref-{at:03}" == ref else 404
        assert browser.get(f"/clips/ref-{at:03}").status_code == status
        assert browser.get(f"/clips/ref-{at:03}/audio.wav").status_code == status
    assert browser.get("/next").status_code == 405, "a link or a prefetch claims nothing"


def test_an_empty_queue_says_so(make: Any) -> None:
    browser = make(clips=0).browser("ada")
    assert "Nothing waits for you." in browser.get("/queue").text
    assert browser.send("/next").headers["location"] == "/queue?notice=finished"


def test_only_the_sample_is_ever_assigned(make: Any) -> None:
    browser, shown = make(clips=40, sampling=0.5).browser("ada"), set()
    browser.get("/queue")
    while (path := browser.send("/next").headers["location"]).startswith("/clips/"):
        shown.add(path)
        browser.get(path)
        browser.send(f"{path}/skip", why="later")
    assert 5 < len(shown) < 35


def test_a_skipped_clip_goes_to_somebody_else(make: Any) -> None:
    world = make(clips=1)
    ada, bob = world.browser("ada"), world.browser("bob")
    ada.get("/queue")
    bob.get("/queue")
    assert ada.send("/next").headers["location"] == "/clips/ref-000"
    assert bob.send("/next").headers["location"] == "/queue?notice=finished"
    assert ada.send("/clips/ref-000/skip", why="boredom").status_code == 422
    assert ada.send("/clips/ref-000/skip", why="too_distressing").headers["location"] == "/queue?notice=finished"
    assert bob.send("/next").headers["location"] == "/clips/ref-000"


@pytest.mark.parametrize("how", ["time", "sign-out"])
def test_a_lease_ends_by_time_or_sign_out_and_what_was_typed_is_kept(make: Any, how: str) -> None:
    world = make(clips=1)
    ada, bob = world.browser("ada"), world.browser("bob")
    ada.get("/queue")
    bob.get("/queue")
    ada.send("/next")
    ada.get("/clips/ref-000")
    assert ada.send("/clips/ref-000/draft", **(SAID | {"intent": ""})).status_code == 204
    world.now += 590
    assert ada.get("/clips/ref-000").status_code == 200, "whoever has it open keeps it"
    world.now += 590
    assert bob.send("/next").headers["location"] == "/queue?notice=finished"
    if how == "time":
        world.now += 601
    else:
        ada.send("/logout")
    assert bob.send("/next").headers["location"] == "/clips/ref-000"
    ada = world.browser("ada")
    ada.get("/queue")
    assert ada.get("/clips/ref-000").status_code == 404
    assert ada.send("/clips/ref-000/annotations", **SAID).headers["location"] == "/queue?notice=taken"
    bob.get("/clips/ref-000")
    bob.send("/clips/ref-000/skip", why="later")
    world.give("ada", "ref-000")
    assert "hello there" in ada.get("/clips/ref-000").text


def test_one_person_has_so_many_clips_a_day(make: Any) -> None:
    browser = make(clips=5, clips_per_day=2).browser("ada")
    browser.get("/queue")
    for _ in range(2):
        path = browser.send("/next").headers["location"]
        browser.get(path)
        browser.send(f"{path}/skip", why="later")
    assert browser.send("/next").headers["location"] == "/queue?notice=quota"


def test_clips_come_in_batches(make: Any) -> None:
    world = make(clips=2, publish_minutes=60)
    browser = world.browser("ada")
    assert "2 clips wait" in browser.get("/queue").text
    for minutes, ref in ((10, "late-1"), (20, "late-2")):
        world.now += minutes * 60
        world.store.put(clip(ref), session_key=ref)
        browser = world.browser("ada")
        assert "2 clips wait" in browser.get("/queue").text, "polling does not tell when a clip came"
    world.now += 1_800
    assert "4 clips wait" in world.browser("ada").get("/queue").text
