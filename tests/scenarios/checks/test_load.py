"""Too slow or too often failed is a fail; no request at all is unknown."""

import msgspec

from scenarios.checks.load import load
from scenarios.model.scenario import Load
from scenarios.verdict import Outcome
from tests.scenarios.world import observed


def test_limits() -> None:
    figures = observed().load
    assert figures is not None
    assert load(observed(), Load(p95_ms=10)).outcome is Outcome.PASS
    assert load(observed(), Load(p95_ms=1)).outcome is Outcome.FAIL
    failed = msgspec.structs.replace(figures, failures=1)
    assert load(observed(load=failed), Load()).outcome is Outcome.FAIL
    assert load(observed(load=failed), Load(max_failure_share=0.1)).outcome is Outcome.PASS
    assert load(observed(load=None), Load()).outcome is Outcome.UNKNOWN


def test_the_verdict_says_how_many_requests_it_judged_and_a_limit_may_be_met() -> None:
    figures = observed().load
    assert figures is not None
    at_the_limit = msgspec.structs.replace(figures, p95_ms=10.0, failures=0)
    verdict = load(observed(load=at_the_limit), Load(p95_ms=10))
    assert (verdict.check, verdict.outcome, verdict.examined) == ("load", Outcome.PASS, figures.requests)
    assert "p95 10 ms (limit 10)" in verdict.why
    unknown = load(observed(load=None), Load())
    assert (unknown.check, unknown.examined, unknown.why) == ("load", 0, "no request was made")
