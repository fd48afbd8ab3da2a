"""A question is answered when every session that had ended before it has its outcome, and no other is waited for."""

from gateway.flow.watermarks import Watermarks


def test_a_question_waits_for_the_ends_before_it_alone() -> None:
    marks = Watermarks()
    marks.ask("early", ends=2, settled=0)
    marks.ask("late", ends=3, settled=1)
    assert marks.reached(1, 0) == []
    assert marks.reached(3, 2) == [("early", 2)]
    assert marks.reached(4, 3) == [("late", 2)]
    assert not marks


def test_where_nothing_is_owed_every_question_is_answered_once() -> None:
    marks = Watermarks()
    for number in range(5_000):
        marks.ask(str(number), ends=number, settled=0)
    said = marks.reached(None, 7)
    assert len(said) == 1_024
    assert said[-1] == ("4999", 7)
    assert marks.reached(None, 7) == []
