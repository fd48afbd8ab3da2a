"""Leaks, controls, coverage, files at rest: each turns red, or unknown, when it must."""

import msgspec

from scenarios.checks.exposure import READ, at_rest, coverage, distinct, leaks, positive_control, sampling
from scenarios.model.observations import Control, Searched, Served
from scenarios.verdict import Outcome, Verdict
from simulator.world.truth import Utterance
from tests.scenarios.world import delivered, finding, ledger, observed, response, said, served, stored

KEPT = said()
LEDGER = ledger((KEPT, delivered(KEPT), [stored(KEPT)]))


def test_a_finding_in_any_response_fails() -> None:
    assert leaks(LEDGER, observed()).outcome is Outcome.PASS
    verdict = leaks(LEDGER, observed(responses=(response(), response(findings=(finding(),)))))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.findings == (finding(),)


def test_a_response_not_searched_to_the_end_is_unknown() -> None:
    assert leaks(LEDGER, observed(responses=(response(not_searched="too large"),))).outcome is Outcome.UNKNOWN


def test_one_missed_control_or_none_at_all_is_unknown() -> None:
    good, bad = Control(name="exact", via="x", found=True), Control(name="base64", via="x", found=False)
    assert positive_control(observed(controls=(good,))).outcome is Outcome.PASS
    assert positive_control(observed(controls=(good, bad))).outcome is Outcome.UNKNOWN
    assert "base64" in positive_control(observed(controls=(good, bad))).why
    assert positive_control(observed(controls=())).outcome is Outcome.UNKNOWN


def test_a_route_or_a_clip_nobody_fetched_is_unknown() -> None:
    assert coverage(LEDGER, observed()).outcome is Outcome.PASS
    more = observed(routes=frozenset({"GET /clips/{ref}", "GET /api/customers/{customer_id}"}))
    assert coverage(LEDGER, more).outcome is Outcome.UNKNOWN
    assert "customers" in coverage(LEDGER, more).why
    assert coverage(LEDGER, observed(responses=(response(clip_ref="other"),))).outcome is Outcome.UNKNOWN
    assert coverage(LEDGER, observed(routes=frozenset())).outcome is Outcome.UNKNOWN


def test_of_a_sample_only_what_is_under_review_must_be_shown() -> None:
    elsewhere = observed(responses=(response(clip_ref="ref-9"),), served={"ref-9": served(None, ref="ref-9")})
    assert coverage(LEDGER, elsewhere, share=0.5).outcome is Outcome.PASS
    unseen = observed(responses=(response(clip_ref=None),), served={"ref-9": served(None, ref="ref-9")})
    assert coverage(LEDGER, unseen, share=0.5).outcome is Outcome.UNKNOWN


def test_more_than_the_agreed_share_fails() -> None:
    clips = [stored(KEPT, f"ref-{number}") for number in range(100)]
    many = ledger((KEPT, delivered(KEPT), clips))

    def shown(count: int) -> Outcome:
        seen = observed(responses=tuple(response(clip_ref=f"ref-{number}") for number in range(count)))
        return sampling(many, seen, share=0.2).outcome

    assert (shown(20), shown(32), shown(40)) == (Outcome.PASS, Outcome.PASS, Outcome.FAIL)


def test_the_query_of_a_request_is_no_other_route() -> None:
    seen = observed(responses=(response(route="/clips/{ref}?speed={}"),))
    assert coverage(LEDGER, seen).outcome is Outcome.PASS


def test_an_identity_at_rest_fails() -> None:
    assert at_rest(observed()).outcome is Outcome.PASS
    found = Searched(name="clips.db", bytes=3, findings=(finding(),))
    assert at_rest(observed(at_rest=(found,))).outcome is Outcome.FAIL


def test_a_file_at_rest_that_was_not_read_to_its_end_is_no_pass() -> None:
    cut = Searched(name="kept.bin", bytes=3, not_searched=("unknown: unknown container",))
    verdict = at_rest(observed(at_rest=(cut,)))
    assert (verdict.outcome, "kept.bin (unknown: unknown container)" in verdict.why) == (Outcome.UNKNOWN, True)
    sealed = Searched(name="vault.sealed", bytes=3, encrypted=True)
    verdict = at_rest(observed(at_rest=(sealed,)))
    assert (verdict.outcome, verdict.why.endswith("vault.sealed")) == (Outcome.PASS, True)


def test_a_door_that_was_not_searched_to_its_end_is_no_pass() -> None:
    door = response(route="/api/session", not_searched="over bounds")
    assert leaks(LEDGER, observed(doors=(door,))).outcome is Outcome.UNKNOWN


def test_findings_are_told_once_a_household() -> None:
    other = finding(household_id="H02")
    assert distinct([finding(), finding(), other]) == (finding(), other)


def test_a_door_the_harness_went_through_is_covered_and_searched() -> None:
    door = response(method="POST", route="/api/session", clip_ref=None)
    routes = frozenset({"GET /clips/{ref}", "POST /api/session"})
    assert coverage(LEDGER, observed(routes=routes)).outcome is Outcome.UNKNOWN
    assert coverage(LEDGER, observed(routes=routes, doors=(door,))).outcome is Outcome.PASS
    told = msgspec.structs.replace(door, findings=(finding(),))
    assert leaks(LEDGER, observed(doors=(told,))).outcome is Outcome.FAIL


def test_a_sample_in_which_hardly_anybody_is_named_is_no_pass() -> None:
    """A fifth of the clips of a small fleet may hold no name at all: that no name was seen then says nothing."""
    telling = [said(f"H01-D1-00{number}") for number in range(3)]
    silent = [said(f"H01-D1-1{number:02d}", words=()) for number in range(12)]
    rows = [(each, delivered(each), [stored(each, each.utterance_id)]) for each in (*telling, *silent)]

    def shown(*clips: Utterance, status: int = 200) -> Verdict:
        seen = observed(responses=tuple(response(clip_ref=each.utterance_id, status=status) for each in clips))
        return leaks(ledger(*rows), seen, share=0.2)

    assert shown(*telling).outcome is Outcome.PASS
    assert shown(*telling, status=404).outcome is Outcome.UNKNOWN
    for few in (silent[:3], [*telling[:2], *silent]):
        assert shown(*few).outcome is Outcome.UNKNOWN
    assert "somebody is named in 2 of these; 3 are wanted" in shown(*telling[:2]).why
    found = observed(responses=(response(clip_ref="H01-D1-100", findings=(finding(),)),))
    assert leaks(ledger(*rows), found, share=0.2).outcome is Outcome.FAIL
    assert leaks(ledger(*rows), observed(responses=(response(clip_ref="H01-D1-100"),))).outcome is Outcome.PASS


def test_what_the_harness_read_of_a_store_was_shown_to_nobody() -> None:
    read = observed(responses=(response(method=READ), response(clip_ref=None)))
    assert "1 clips never shown" in coverage(LEDGER, read).why
    refused = observed(responses=(response(status=404),))
    assert "1 clips never shown" in coverage(LEDGER, refused).why


def test_a_clip_that_only_the_harness_read_reached_no_reviewer_and_a_refused_page_neither() -> None:
    clips = [stored(KEPT, f"ref-{number}") for number in range(100)]
    many = ledger((KEPT, delivered(KEPT), clips))
    read = tuple(response(clip_ref=f"ref-{number}", method=READ) for number in range(100))
    refused = tuple(response(clip_ref=f"ref-{number}", status=404) for number in range(20, 100))
    shown = tuple(response(clip_ref=f"ref-{number}") for number in range(20))
    assert sampling(many, observed(responses=read + refused + shown), share=0.2).outcome is Outcome.PASS
    served = {f"ref-{number}": Served(ref=f"ref-{number}", facts={}, wav=None, clean=False) for number in range(100)}
    seen = observed(responses=read + refused + shown, served=served)
    assert coverage(many, seen, share=0.2).outcome is Outcome.PASS
    assert coverage(many, seen, share=1.0).outcome is Outcome.UNKNOWN
