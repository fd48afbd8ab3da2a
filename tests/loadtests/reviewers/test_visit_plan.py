from loadtests.reviewers.visit_plan import VIEWS, VisitPlan


def _see(rounds, ref):
    for view in VIEWS:
        rounds.visited(ref, view)


def test_every_clip_is_handed_out_once_in_order():
    rounds = VisitPlan(0)
    rounds.add(["a", "b"])
    rounds.add(["b", "c"])
    assert [rounds.take() for _ in range(4)] == ["a", "b", "c", None]


def test_a_clip_with_a_view_missing_comes_back():
    rounds = VisitPlan(0)
    rounds.add(["a"])
    assert rounds.take() == "a"
    rounds.visited("a", "page")
    rounds.give_back("a")
    assert rounds.take() == "a"
    _see(rounds, "a")
    rounds.give_back("a")
    assert rounds.take() is None


def test_complete_means_listed_seen_and_errands_done():
    rounds = VisitPlan(0)
    rounds.add(["a"])
    rounds.listed = True
    _see(rounds, "a")
    assert not rounds.complete
    assert rounds.take_errands()
    assert not rounds.take_errands()
    rounds.errands_done = True
    assert rounds.complete
    rounds.add(["b"])
    assert not rounds.complete
    assert (rounds.clips, rounds.covered) == (2, 1)


def test_a_withdrawn_clip_is_not_visited_at_random():
    rounds = VisitPlan(0)
    assert rounds.any_ref() is None
    rounds.add(["a", "b"])
    rounds.withdrawn("a")
    assert {rounds.any_ref() for _ in range(20)} == {"b"}
