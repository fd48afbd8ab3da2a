from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clip import RedactedClip
from gateway.storage.settled import Settled
from gateway.storage.store import Annotation, Store


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = Store(url)
    for ref in ("a", "b", "c"):
        clip = RedactedClip(ref=ref, recorded_on="2019-04-10", trigger="button", duration_ms=9, transcript="x")
        made.put(clip, session_key=ref)
    yield made
    made.close()


def say(reviewer: str, intent: str = "music", text: str = "words of mine") -> Annotation:
    return Annotation(reviewer=reviewer, transcription=text, intent=intent, effective="yes", heard=("child",))


def test_what_was_last_said_by_whom_and_which_clips_two_people_judged(store: Store) -> None:
    kept = Settled(store.database)
    for ref, who, intent in (("a", "x", "music"), ("a", "x", "timer"), ("a", "y", "call"), ("b", "x", "news")):
        store.annotate(ref, say(who, intent))
    said = {(each["ref"], each["reviewer"]): each["intent"] for each in kept.said()}
    assert said == {("a", "x"): "timer", ("a", "y"): "call", ("b", "x"): "news"}
    assert {each["reviewer"] for each in kept.said(["a"])} == {"x", "y"}
    assert kept.twice_judged(10) == ["a"]
    kept.settle("a", say("z", "call"))
    assert kept.twice_judged(10) == []


def test_an_answer_holds_until_another_does_and_goes_with_its_clip(store: Store) -> None:
    kept = Settled(store.database)
    assert kept.answer("a") is None
    kept.settle("a", say("-", "music"), is_gold=True)
    kept.settle("a", say("z", "call", "what was said"))
    kept.settle("b", say("-"), is_gold=True)
    found = kept.answer("a")
    assert found is not None
    assert (found["reviewer"], found["intent"], found["transcription"]) == ("z", "call", "what was said")
    assert [(each["ref"], bool(each["is_gold"])) for each in kept.answers()] == [("a", False), ("b", True)]
    store.withdraw("a", "critical_data")
    assert kept.answer("a") is None
    assert [each["ref"] for each in kept.answers()] == ["b"]
    with pytest.raises(KeyError):
        kept.settle("a", say("z"))
    store.expunge(float("inf"))
    store.delete("9999-01-01")
    assert kept.answers() == []


def test_what_was_typed_lies_nowhere_in_the_clear(store: Store, disk: tuple[str, tuple[Path, ...]]) -> None:
    Settled(store.database).settle("a", say("z", text="probe7731 was typed"))
    folders = disk[1]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    assert not any(b"probe7731" in path.read_bytes() for path in files)
