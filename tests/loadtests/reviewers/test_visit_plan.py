from typing import Any

from loadtests.reviewers.visit_plan import VIEWS, VisitPlan


def _see(visit_plan: Any, ref: Any) -> None:
    for view in VIEWS:
        visit_plan.visited(ref, view)


def test_an_assigned_clip_is_visited_until_it_was_seen_in_every_view() -> None:
    visit_plan = VisitPlan(0)
    assert visit_plan.add("a")
    visit_plan.visited("a", "page")
    assert visit_plan.add("a"), "it was given back before every view had an answer"
    _see(visit_plan, "a")
    assert not visit_plan.add("a")
    assert (visit_plan.clips, visit_plan.covered) == (1, 1)


def test_complete_means_listed_seen_and_error_probes_done() -> None:
    visit_plan = VisitPlan(0)
    visit_plan.add("a")
    visit_plan.listed = True
    _see(visit_plan, "a")
    assert not visit_plan.complete
    assert visit_plan.take_error_probes()
    assert not visit_plan.take_error_probes()
    visit_plan.error_probes_done = True
    assert visit_plan.complete
    visit_plan.add("b")
    assert not visit_plan.complete
    assert (visit_plan.clips, visit_plan.covered) == (2, 1)


def test_a_clip_on_its_way_to_another_user_keeps_the_visit_open() -> None:
    visit_plan = VisitPlan(0)
    visit_plan.error_probes_done = visit_plan.take_error_probes()
    visit_plan.ask()
    visit_plan.listed = True  # meanwhile another user was told that no clip is left
    assert not visit_plan.complete
    visit_plan.add("a")
    visit_plan.answered()
    assert not visit_plan.complete
    _see(visit_plan, "a")
    assert visit_plan.complete


def test_a_withdrawn_clip_is_not_visited_at_random() -> None:
    visit_plan = VisitPlan(0)
    assert visit_plan.any_ref() is None
    visit_plan.add("a")
    visit_plan.add("b")
    visit_plan.withdrawn("a")
    assert {visit_plan.any_ref() for _ in range(20)} == {"b"}


def test_one_user_does_with_one_clip_all_that_may_be_done() -> None:
    visit_plan = VisitPlan(0)
    assert [visit_plan.take_tour() for _ in range(3)] == [True, False, False]
