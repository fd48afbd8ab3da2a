"""Second reviews are blind, a third person settles, and known answers look like any other clip."""

from typing import Any

import pytest

from gateway.storage.settled import Settled
from gateway.storage.store import Annotation

SAID = {"transcription": "alexa message", "intent": "message", "effective": "yes"}


def judge(world: Any, ref: str, who: str, intent: str = "message", text: str = "alexa message", **more: Any) -> None:
    said = Annotation(reviewer=who, transcription=text, intent=intent, effective="yes", **more)
    world.store.annotate(ref, said)


def test_the_second_reviewer_sees_nothing_of_the_first(make: Any) -> None:
    world = make(reviews_per_clip=2)
    judge(world, "ref-000", "bob", "weather", "bobs own words")
    page = world.browser("ada", "ref-000").get("/clips/ref-000").text
    assert "bob" not in page
    assert "Saved before" not in page


def test_differences_are_listed_and_settled_by_a_third_person_alone(make: Any) -> None:
    world = make(reviews_per_clip=2)
    judge(world, "ref-000", "bob", "weather")
    judge(world, "ref-000", "ada", heard=("child",))
    judge(world, "ref-001", "bob")
    judge(world, "ref-001", "ada")
    judge(world, "ref-002", "lea", "weather")
    judge(world, "ref-002", "ada")
    lead = world.browser("lea")
    page = lead.get("/verification").text
    assert "ref-000" in page
    assert "ref-001" not in page, "they agree"
    assert 'href="/verification/ref-002"' not in page, "her own"
    side = lead.get("/verification/ref-000").text
    assert "Weather" in side
    assert "Opinion 2" in side
    assert "bob" not in side.replace("bobs", "")
    assert lead.get("/verification/ref-002").status_code == 404
    assert lead.send("/verification/ref-002", **SAID).status_code == 404
    assert lead.get("/verification/ref-001").status_code == 404
    lead.get("/verification/ref-000")
    assert lead.send("/verification/ref-000", **(SAID | {"intent": "no such"})).status_code == 422
    assert lead.send("/verification/ref-000", **SAID).status_code == 303
    assert ("lea", "clip_settled", "ok", "ref-000") in world.done()
    assert "ref-000" not in lead.get("/verification").text
    assert lead.send("/verification/ref-000", **SAID).status_code == 404, "once"
    held = Settled(world.store.database).answer("ref-000")
    assert held is not None
    assert (held["reviewer"], held["intent"]) == ("lea", "message")


def test_free_text_of_others_shows_no_word_the_transcript_does_not(make: Any) -> None:
    world = make(reviews_per_clip=2)
    judge(world, "ref-000", "bob", "weather", "alexa message Marigold Reed")
    judge(world, "ref-000", "ada", text="alexa message")
    side = world.browser("lea").get("/verification/ref-000").text
    assert "message" in side
    assert "Reed" not in side
    assert "Marigold" not in side


def test_a_withdrawn_clip_is_not_settled(make: Any) -> None:
    world = make(reviews_per_clip=2)
    judge(world, "ref-000", "bob", "weather")
    judge(world, "ref-000", "ada")
    lead = world.browser("lea")
    lead.get("/verification/ref-000")
    world.store.withdraw("ref-000", "critical_data")
    assert lead.send("/verification/ref-000", **SAID).status_code == 404
    assert "ref-000" not in lead.get("/verification").text


@pytest.mark.parametrize("who", ["lea", "aud"])
def test_figures_compare_people_with_each_other_and_with_known_answers(make: Any, who: str) -> None:
    world = make(reviews_per_clip=2)
    for ref, ada, bob in (("ref-000", "message", "message"), ("ref-001", "call", "call"), ("ref-002", "call", "news")):
        judge(world, ref, "ada", ada)
        judge(world, ref, "bob", bob)
    gold = Annotation(reviewer="-", transcription="", intent="call", effective="yes")
    for ref in ("ref-001", "ref-002"):
        Settled(world.store.database).settle(ref, gold, is_gold=True)
    page = world.browser(who).get("/agreement").text
    assert "3 clips were judged by two people or more; 2 have an answer that holds, 2 of them gold." in page
    assert '<td>ada, bob</td><td class="number">3</td><td class="number">0.50</td>' in page
    assert '<td>ada</td><td class="number">2</td><td class="number">100 %</td>' in page
    assert '<td>bob</td><td class="number">2</td><td class="number">50 %</td>' in page
    assert '<td>Call</td><td class="number">4</td><td class="number">3</td>' in page
    assert 'Effect</td><td class="number">not known</td>' in page, "everybody always said yes"


def test_without_any_work_nothing_is_claimed(world: Any) -> None:
    page = world.browser("aud").get("/agreement").text
    assert page.count("not known") == 4
    assert "0.00" not in page
    assert "Nothing is to settle" in world.browser("lea").get("/verification").text


def test_a_gold_clip_looks_like_any_other_to_who_annotates_it(world: Any) -> None:
    before = world.browser("ada", "ref-000").get("/api/clips/ref-000").json()
    gold = Annotation(reviewer="-", transcription="x", intent="call", effective="yes")
    Settled(world.store.database).settle("ref-000", gold, is_gold=True)
    assert world.browser("ada", "ref-000").get("/api/clips/ref-000").json() == before
