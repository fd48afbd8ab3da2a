"""Which utterance a clip is, by its id; and what the ledger takes of it."""

import msgspec

from scenarios.kept.join import by_session, join, stored_of
from tests.scenarios.kept.clips import clip, truth


def test_by_id_and_strangers() -> None:
    known = truth("a", "b")
    joined = by_session([clip("1", session="session-H02-D1-001"), clip("2", session="x"), clip("3")], known)
    assert joined.of == {"1": "H02-D1-001"}
    assert joined.strangers == ("2", "3")


def test_what_is_untold_is_not_in_the_ledger_and_a_stranger_is_nobodys() -> None:
    known = truth("a", "b")
    clips = [clip("1", session="session-H01-D1-001"), clip("2", session="x"), clip("3")]
    joined = msgspec.structs.replace(by_session(clips, known), strangers=("2",), untold={"3": frozenset({"a"})})
    made = stored_of(joined, clips, known, b"k" * 32)
    assert [each.ref for each in made] == ["1", "2"]
    assert len({each.tag for each in made}) == 2


def test_counting_joins_nothing() -> None:
    assert join("count", [clip("1")], truth("a"), {}, {}).of == {}
