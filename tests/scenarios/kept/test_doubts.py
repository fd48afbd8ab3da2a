"""What was not looked at, or was there before, is no pass, and the verdict says so."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from scenarios.kept.asked import Asked
from scenarios.kept.judged import judged
from scenarios.kept.read.clip import Read
from scenarios.kept.read.readers import read_kept
from scenarios.kept.read.review import Looked, Page
from scenarios.model.observations import Aged
from scenarios.model.scenario import Gating, Scenario
from scenarios.verdict import Outcome, Verdict
from tests.scenarios.kept.fleet import TARGET, Fleet, fleet, kept_in, muted, record, target_in
from tests.scenarios.kept.test_judged import CONTRACT, MADE, detector, wanted

REVIEW = """review:
  url: http://127.0.0.1:9
  openapi: /openapi.json
  clips: ["/clips/{id}"]
"""


@pytest.fixture(scope="module")
def small() -> Fleet:
    return fleet()


def verdicts(
    folder: Path,
    fleet: Fleet,
    records: Sequence[Any],
    *,
    checks: Sequence[str] = ("leaks", "conservation", "gating"),
    review: str = "",
    read: Read | None = None,
    text: str = TARGET,
    **more: Any,
) -> dict[str, Verdict]:
    kept_in(folder, records)
    target = target_in(folder, text=text.replace("session: session", "session: session\n  id: session") + review)
    scenario = Scenario.model_validate({"scenario": 2, "name": "a", "about": "x", "checks": list(checks)})
    asked = Asked(
        target=target,
        contract=CONTRACT,
        identities=fleet.identities,
        truth=fleet.truth,
        sent=fleet.sent,
        gating=Gating(),
        out=folder / "out",
        scenario=scenario,
        **more,
    )
    found = judged(asked, read or read_kept(target, folder), detector(fleet.identities.to_json()), MADE)
    return {verdict.check: verdict for verdict in found.verdicts}


def page(route: str, clip: str | None = None) -> Page:
    return Page(route=route, status=200, headers=b"", body=b"{}", whole=True, clip=clip)


def good(fleet: Fleet) -> list[Any]:
    return [record(said, muted(fleet, said)) for said in wanted(fleet)]


def test_a_described_route_that_nobody_asked_keeps_leaks_from_passing(tmp_path: Path, small: Fleet) -> None:
    routes = frozenset({"/clips", "/clips/{id}"})
    seen = Looked(pages=(page("/clips"),), routes=routes)
    found = verdicts(tmp_path / "1", small, good(small), review=REVIEW, looked=seen)["leaks"]
    assert found.outcome is Outcome.UNKNOWN
    assert "GET /clips/{id} is described and was never asked; `review.clips`" in found.why
    assert "review app: 1 answers of 1 routes" in found.why
    seen = Looked(pages=(page("/clips"), page("/clips/{id}", "kept-0001")), routes=routes)
    assert verdicts(tmp_path / "2", small, good(small), review=REVIEW, looked=seen)["leaks"].outcome is Outcome.PASS


@pytest.mark.slow
def test_coverage_passes_when_each_route_and_each_clip_was_shown(tmp_path: Path, small: Fleet) -> None:
    records, routes = good(small), frozenset({"/clips", "/clips/{id}"})
    own = [page("/clips/{id}", f"kept-{number:04d}") for number in range(1, len(records) + 1)]
    for name, pages, outcome, says in (
        ("all", [page("/clips"), *own], Outcome.PASS, f"all {len(records)} clips shown"),
        ("one short", [page("/clips"), *own[1:]], Outcome.UNKNOWN, "1 clips never shown"),
        ("no list", own, Outcome.UNKNOWN, "1 routes never fetched (GET /clips)"),
    ):
        seen = Looked(pages=tuple(pages), routes=routes)
        found = verdicts(tmp_path / name, small, records, checks=["coverage"], review=REVIEW, looked=seen)["coverage"]
        assert (found.outcome, says in found.why) == (outcome, True), found.why


def test_coverage_without_a_description_says_what_to_add(tmp_path: Path, small: Fleet) -> None:
    found = verdicts(tmp_path, small, good(small), checks=["coverage"])["coverage"]
    assert found.outcome is Outcome.UNKNOWN
    assert "review.openapi" in found.why


def test_a_store_of_an_earlier_run_alone_is_told_as_that(tmp_path: Path, small: Fleet) -> None:
    found = verdicts(tmp_path, small, [], older=17)
    assert {verdict.outcome for verdict in found.values()} == {Outcome.UNKNOWN}
    assert all("17 were there before the fleet spoke. Empty the store" in found[name].why for name in found)


def test_a_system_that_keeps_nothing_rejects_every_request(tmp_path: Path, small: Fleet) -> None:
    found = verdicts(tmp_path, small, [])
    heard = sum(said.acoustic for said in wanted(small))
    assert found["gating"].outcome is Outcome.FAIL
    assert f"{heard} of {heard} wake requests rejected" in found["gating"].why


def test_retention_wants_the_pseudonym_that_the_contract_ends(tmp_path: Path, small: Fleet) -> None:
    none = (Aged(days=0, clips=3, linked=0, owned=0), Aged(days=91, clips=3, linked=0, owned=0))
    some = (msgspec.structs.replace(none[0], linked=3), none[1])
    left = (some[0], msgspec.structs.replace(none[1], linked=2))
    for name, seen, undeclared, outcome, says in (
        ("gone", some, False, Outcome.PASS, "0 of 3 clips still linked"),
        ("left", left, False, Outcome.FAIL, "2 of 3 clips still linked"),
        ("never there", none, False, Outcome.UNKNOWN, "no clip had one where `kept.pseudonym` says"),
        ("not declared", some, True, Outcome.UNKNOWN, "`kept.pseudonym` does not say"),
    ):
        text = TARGET.replace("  pseudonym: who\n", "") if undeclared else TARGET
        found = verdicts(tmp_path / name, small, [], checks=["retention"], aged=seen, text=text)["retention"]
        assert (found.outcome, says in found.why) == (outcome, True), found.why


def test_retention_that_could_not_be_seen_says_why(tmp_path: Path, small: Fleet) -> None:
    why = "day 31: sweep: ended with code 1"
    found = verdicts(tmp_path, small, good(small), checks=["retention"], unaged=why)["retention"]
    assert (found.outcome, found.why) == (Outcome.UNKNOWN, f"not checked: {why}")


def test_a_silent_clip_fits_everything_and_denies_nothing(tmp_path: Path, small: Fleet) -> None:
    """Before, "no false wakes were said" stood there although they were: each may be what the silent clip is."""
    silent = record(small.truth.utterances[0], np.zeros(16_000, np.int16)) | {"said": ""}
    good, checks = small.that("wake")[0], ("should_not_exist", "gating")
    whole = record(good, small.sent[good.utterance_id])
    found = verdicts(tmp_path, small, [silent, whole], checks=checks, text=TARGET.replace("JOIN", "sound"))
    for verdict in found.values():
        assert verdict.outcome is Outcome.UNKNOWN
        assert verdict.why.startswith("nothing could be settled; 1 clips could be several utterances or none")
        assert "`join: exact` tells them apart" in verdict.why
