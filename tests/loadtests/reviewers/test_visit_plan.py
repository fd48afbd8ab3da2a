from loadtests.reviewers.visit_plan import VIEWS, VisitPlan


def _see(rounds, ref):
    for view in VIEWS:
        rounds.visited(ref, view)


def test_an_assigned_clip_is_visited_until_it_was_seen_in_every_view():
    rounds = VisitPlan(0)
    assert rounds.add("a")
    rounds.visited("a", "page")
    assert rounds.add("a"), "it was given back before every view had an answer"
    _see(rounds, "a")
    assert not rounds.add("a")
    assert (rounds.clips, rounds.covered) == (1, 1)


def test_complete_means_listed_seen_and_errands_done():
    rounds = VisitPlan(0)
    rounds.add("a")
    rounds.listed = True
    _see(rounds, "a")
    assert not rounds.complete
    assert rounds.take_errands()
    assert not rounds.take_errands()
    rounds.errands_done = True
    assert rounds.complete
    rounds.add("b")
    assert not rounds.complete
    assert (rounds.clips, rounds.covered) == (2, 1)


def test_a_withdrawn_clip_is_not_visited_at_random():
    rounds = VisitPlan(0)
    assert rounds.any_ref() is None
    rounds.add("a")
    rounds.add("b")
    rounds.withdrawn("a")
    assert {rounds.any_ref() for _ in range(20)} == {"b"}
