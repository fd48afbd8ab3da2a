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
