"""The JSON API against its own description: schemathesis asks what is allowed, and what is not, in each role."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.gateway.review.conftest import PASSWORD, Browser, Make, World

ROLES = {"ada": "reviewer", "lea": "lead", "aud": "auditor", "olga": "safety_officer", "root": "administrator"}


def cookie(world: World, username: str) -> str:
    browser: Browser = world.browser()
    answer: httpx.Response = browser.ask(
        "POST", "/api/session", json={"username": username, "password": PASSWORD, "code": browser.code()}
    )
    assert answer.status_code == 200
    return answer.headers["set-cookie"].partition(";")[0]


def ends_before_it_starts(body: Any) -> bool:
    """A rule that JSON Schema cannot say: a region of a speaker ends after it starts."""
    regions = body.get("speakers", ()) if isinstance(body, dict) else ()
    return any(each["end_ms"] <= each["start_ms"] for each in regions if isinstance(each, dict) and "end_ms" in each)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of schemathesis
@pytest.mark.parametrize("username", ROLES)
def test_every_answer_is_a_described_one(make: Make, username: str) -> None:
    world = make(clips=40)
    mine = {"Cookie": cookie(world, username), "X-Earlid": "1"}
    world.give(username, *(f"ref-{at:03}" for at in range(20)))
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", world.app, headers=mine)
    operations: Any = schema.get_all_operations()
    for found in operations:
        operation = found.ok()
        if operation.path == "/api/session":
            continue  # signing out ends the test, and signing in is throttled; test_api and test_security ask both

        @given(case=operation.as_strategy())
        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        def ask(case: schemathesis.Case[Any]) -> None:
            answer = case.call(headers=mine)
            unsayable: list[Any] = [positive_data_acceptance] if ends_before_it_starts(case.body) else []
            case.validate_response(answer, headers=mine, excluded_checks=unsayable)

        ask()
