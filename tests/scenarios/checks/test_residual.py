"""Linking and anonymity beside what the contract promises."""

import pytest

from gateway.contract.model import load_contract
from scenarios.attacks.anonymity import AnonymitySet
from scenarios.attacks.linkage import Linkage
from scenarios.attacks.residual import Residual
from scenarios.checks.residual import anonymity, linkage
from scenarios.verdict import Outcome

STRICT = load_contract("strict")


def link(by: str, auc: float, chance: float) -> Linkage:
    return Linkage(by=by, clips=40, pairs=60, auc=auc, low=auc - 0.1, high=auc + 0.1, chance=chance)


def left(shown: tuple[str, ...], households: int, people: int | None = None) -> AnonymitySet:
    return AnonymitySet(
        shown=shown, groups=3, households_least=households, households_median=households, people_least=people
    )


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ([link("ids", 1.0, 0.0005), link("times", 0.5, 1.0), link("order", 0.52, 0.3)], Outcome.PASS),
        ([link("times", 0.8, 0.0005), link("order", 0.5, 0.4)], Outcome.FAIL),
        ([link("times", 0.2, 0.0005)], Outcome.PASS),
        ([link("words", 0.9, 0.0005), link("order", 0.5, 0.4)], Outcome.PASS),
        ([link("ids", 1.0, 0.0005)], Outcome.UNKNOWN),
        ([], Outcome.UNKNOWN),
    ],
)
def test_linking_is_judged_where_it_is_not_allowed(found: list[Linkage], outcome: Outcome) -> None:
    verdict = linkage(Residual(links=tuple(found)), STRICT)
    assert verdict.outcome is outcome
    assert outcome is not Outcome.PASS or verdict.examined


def test_ids_may_not_link_where_pseudonyms_last_one_clip() -> None:
    redact = STRICT.redact.model_copy(
        update={"pseudonyms": STRICT.redact.pseudonyms.model_copy(update={"scope": "clip"})}
    )
    verdict = linkage(Residual(links=(link("ids", 1.0, 0.0005),)), STRICT.model_copy(update={"redact": redact}))
    assert verdict.outcome is Outcome.FAIL
    assert "ids" in verdict.why


@pytest.mark.parametrize(
    ("sets", "outcome"),
    [
        ([left(("place",), 1, 20_861)], Outcome.PASS),
        ([left(("place",), 1, 900)], Outcome.FAIL),
        ([left(("nothing",), 20)], Outcome.PASS),
        ([left(("place",), 1, 20_861), left(("given name", "place"), 1, 20_861)], Outcome.FAIL),
        ([left(("given name",), 4)], Outcome.PASS),
        ([], Outcome.UNKNOWN),
    ],
)
def test_a_place_may_leave_one_simulated_home_but_not_too_few_people(
    sets: list[AnonymitySet], outcome: Outcome
) -> None:
    assert anonymity(Residual(sets=tuple(sets)), STRICT).outcome is outcome


def test_what_was_not_measured_is_unknown() -> None:
    assert linkage(None, STRICT).outcome is Outcome.UNKNOWN
    assert anonymity(None, STRICT).outcome is Outcome.UNKNOWN


def test_a_place_needs_the_promised_people_and_no_more_where_towns_are_shown() -> None:
    least = STRICT.redact.location.min_anonymity
    assert least > 1
    enough = anonymity(Residual(sets=(left(("place",), 1, least),)), STRICT)
    assert (enough.check, enough.outcome, enough.examined) == ("anonymity", Outcome.PASS, 3)
    assert f"the smallest place shown has {least:,} people" in enough.why
    few = anonymity(Residual(sets=(left(("place",), 1, least - 1),)), STRICT)
    assert (few.check, few.outcome, few.examined) == ("anonymity", Outcome.FAIL, 3)
    assert f"{least - 1:,} people share; {least:,} are promised" in few.why
    show = {"location": STRICT.redact.location.model_copy(update={"show": "coordinates"})}
    coordinates = STRICT.model_copy(update={"redact": STRICT.redact.model_copy(update=show)})
    assert anonymity(Residual(sets=(left(("place",), 1, 1),)), coordinates).outcome is Outcome.PASS


def test_a_household_alone_is_counted_by_its_groups() -> None:
    verdict = anonymity(Residual(sets=(left(("given name",), 1), left(("nothing",), 1))), STRICT)
    assert (verdict.check, verdict.outcome, verdict.examined) == ("anonymity", Outcome.FAIL, 6)
    assert verdict.why.startswith("3 of 6 groups")
    only = anonymity(Residual(sets=(left(("nothing",), 1),)), STRICT)
    assert (only.outcome, only.why) == (
        Outcome.PASS,
        "3 groups of linked clips: no place was shown, nothing else narrows the households down",
    )
    assert anonymity(Residual(), STRICT).why == "no clip was shown"


def test_ids_that_may_join_clips_are_told_as_that() -> None:
    why = linkage(Residual(links=(link("ids", 1.0, 0.0005),)), STRICT).why
    assert "the contract lets ids join clips (pseudonyms of a device, new every 30 days)" in why
