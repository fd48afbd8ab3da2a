"""Every cell of the matrix, from outside: a role may do what stands there, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from gateway.review.services.roles import MATRIX, ROLES, matrix_text, may

PEOPLE = {
    "reviewer": "ada",
    "lead": "lea",
    "auditor": "aud",
    "safety_officer": "olga",
    "safety_approver": "pia",
    "administrator": "root",
}
PUBLIC = {"GET /", "GET /login", "POST /login", "GET /healthz", "POST /api/session"}
PUBLIC |= {"GET /join", "POST /join", "POST /join/finish"}


def routes(app: Any) -> set[str]:
    found = set()
    for route in app.routes:
        if hasattr(route, "original_router"):
            found |= routes(route.original_router)
        found |= {f"{method} {route.path}" for method in getattr(route, "methods", None) or () if method != "HEAD"}
    return found


def test_every_route_stands_in_the_matrix_and_every_row_is_a_route(make: Any) -> None:
    there = routes(make("amazon-2019-before", stored=True, mfa=True).app) | routes(make().app)
    assert there - PUBLIC == {row.route for row in MATRIX}
    assert len({row.route for row in MATRIX}) == len(MATRIX)


@pytest.mark.parametrize("role", ROLES)
def test_every_cell(make: Any, role: str) -> None:
    world = make("strict", customer_lookup=True)
    world.flag("ref-000")
    browser = world.browser(PEOPLE[role])
    browser.token = world.app.state.form_token(browser.client.cookies["earlid_session"])
    for row in sorted(MATRIX, key=lambda row: "session" in row.route or "logout" in row.route):
        method, path = row.route.split()
        is_api = path.startswith("/api/")
        if role in row.roles and "{ref}" in path:
            world.give(PEOPLE[role], "ref-000")
        before = len([each for each in world.done() if each[1] == "denied"])
        more = (
            {"json": {}}
            if is_api and method != "GET"
            else {"data": {"csrf": browser.token}}
            if method == "POST"
            else {}
        )
        answer = browser.ask(method, path.format(ref="ref-000", customer_id="A2X9"), **more)
        denied = len([each for each in world.done() if each[1] == "denied"]) - before
        assert denied == (0 if role in row.roles else 1), (role, row.route, answer.status_code)
        if role not in row.roles:
            assert answer.status_code == 404, (role, row.route)
    assert not may("administrator", "GET", "/clips/{ref}")


@pytest.mark.parametrize("role", ["reviewer", "lead", "auditor", "safety_officer", "safety_approver", "administrator"])
def test_which_clips_and_which_fields(make: Any, role: str) -> None:
    world = make("amazon-2019-before", clips=4)
    world.flag("ref-001")
    world.browser("bob").ask("POST", "/api/next", headers={"x-earlid": "1"})
    world.give(PEOPLE[role], "ref-002")
    world.flag("ref-001")
    browser = world.browser(PEOPLE[role])
    seen = {ref: browser.get(f"/api/clips/{ref}") for ref in ("ref-000", "ref-001", "ref-002")}
    opens = {
        "reviewer": {"ref-002"},
        "lead": {"ref-001", "ref-002"},
        "auditor": {"ref-000", "ref-001", "ref-002"},
        "safety_officer": {"ref-001"},
        "safety_approver": {"ref-001"},
        "administrator": set(),
    }
    assert {ref for ref, answer in seen.items() if answer.status_code == 200} == opens[role]
    for answer in seen.values():
        if answer.status_code == 200:
            hidden = role.startswith("safety")
            assert (answer.json()["customer"] is None, answer.json()["latitude"] is None) == (hidden, hidden)
            assert answer.json()["locality"] == "Ashland, Oregon"


def test_the_readme_shows_the_matrix_as_it_is() -> None:
    readme = Path(__file__).parents[4] / "gateway" / "docs" / "review-tool.md"
    assert matrix_text() in readme.read_text()
