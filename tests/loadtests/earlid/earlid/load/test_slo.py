"""Expressions, and what a run says of them. What cannot be said is unknown, never met."""

from typing import Any

import pytest
from earlid.load.recorder import Recorder
from earlid.load.slo import Measured, expression, judged, objectives
from hypothesis import given
from hypothesis import strategies as st

QUIET = Measured(seconds=10.0, findings={}, unsearched={}, search_lag_s=0.5, saturated="")


def _judged(text: str, *, measured: Any = QUIET, **filters: Any) -> Any:
    recorder = Recorder()
    for at in range(100):
        role = "annotator" if at % 2 else "auditor"
        recorder.request(100.0, "GET", "/a", role, 10.0 + at, failed=at < 5, size=1)
    (objective,) = objectives([{"expect": [text], **filters}])
    (line,) = judged(objective, recorder, measured)
    return line


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("p(95) < 120 ms", "met"), ("p(95)<100", "missed"), ("p(99) < 0.2 s", "met"), ("med < 50", "missed"),
        ("avg <= 60 ms", "met"), ("max < 109", "missed"), ("errors < 5%", "missed"), ("errors <= 0.05", "met"),
        ("rate >= 10 /s", "met"), ("rate > 10", "missed"), ("requests == 100", "met"), ("leaks == 0", "met"),
        ("unsearched == 0", "met"), ("search_lag < 1 s", "met"), ("waited < 1 %", "met"), ("late < 1 ms", "met"),
    ],
)  # fmt: skip
def test_each_metric_is_judged(text: str, outcome: str) -> None:
    assert _judged(text).outcome == outcome


def test_filters_choose_and_nothing_chosen_is_unknown() -> None:
    assert _judged("requests == 50", role="annotator").outcome == "met"
    assert _judged("errors < 1%", route="/b").outcome == "unknown"
    assert _judged("leaks == 0", route="/b").outcome == "unknown"


def test_leaks_are_counted_where_they_were_found() -> None:
    found = {"members.name in response_body of annotator GET /a": 3, "home.street in url of auditor GET /a": 1}
    measured = QUIET._replace(findings=found)
    assert _judged("leaks == 0", measured=measured).value == 4
    assert _judged("leaks == 3", measured=measured, role="annotator", route="/a").outcome == "met"


def test_a_saturated_generator_and_a_lost_search_are_unknown() -> None:
    assert _judged("p(95) < 120", measured=QUIET._replace(saturated="busy")).outcome == "unknown"
    assert _judged("errors < 50%", measured=QUIET._replace(saturated="busy")).outcome == "met"
    assert _judged("leaks == 0", measured=QUIET._replace(lost="gone")).outcome == "unknown"


@pytest.mark.parametrize(
    "text",
    ["p95 < 300", "p(0) < 1", "p(101) < 1", "speed < 3", "errors", "rate < 3 ms", "leaks == 0 %", "p(95) < -1", ""],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: "):
        expression(text)


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_one_sentence(text: str) -> None:
    try:
        assert expression(text).text == text.strip()
    except ValueError as error:
        assert "\n" not in str(error).replace(text[:60], "")
