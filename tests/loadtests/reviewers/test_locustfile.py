import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.identities import Identities

PASSWORD = "a long enough password"
SECRETS = [f"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PX{last}" for last in "AB"]
REVIEWERS = "loadtests/reviewers/locustfile.py"

REVIEW_TOOL = """
import random, sys
from pathlib import Path
from gateway.clip import RedactedClip
from gateway.contract.model import load_contract
from gateway.files import write_private
from gateway.review.people.accounts import accounts_json, make_account
from gateway.review.serve import serve_review
from gateway.storage.store import Store
from gateway.wire import encode_wav

folder, spoken, password, *secrets = Path(sys.argv[1]), *sys.argv[2:]
write_private(
    folder / "accounts.json",
    accounts_json([make_account(f"rev{at}", "reviewer", password, secret) for at, secret in enumerate(secrets)])
)
store, rng = Store(f"sqlite:///{folder}/clips.db"), random.Random(1)
for at in range(25):
    sound = None if at % 5 == 0 else encode_wav(rng.randbytes(3200))
    store.put(
        RedactedClip(
            ref=f"{rng.getrandbits(128):032x}", recorded_on="2019-04-10", trigger="wake_word", duration_ms=100,
            device="d-3f9a", transcript=f"alexa play some music {spoken if at == 7 else ''}", wav=sound,
            withheld=None if sound else "no_transcript", peaks=[1, 50, 100],
        ),
        session_key=str(at),
    )
sys.stdout.reconfigure(line_buffering=True)
serve_review(store=store, contract=load_contract("strict"), accounts=folder / "accounts.json", audit=folder / "audit")
"""

VIEWS = {"/clips/{ref}", "/api/clips/{ref}", "/clips/{ref}/audio.wav", "/api/clips/{ref}/audio"}


@pytest.fixture
def review(tmp_path: Path, start: Callable[..., str]) -> Any:
    def begin(spoken: Any = "") -> Any:
        folder = tmp_path / "review"
        folder.mkdir()
        return start("-c", REVIEW_TOOL, folder, spoken, PASSWORD, *SECRETS)

    return begin


def _reviewing(password: Any = PASSWORD, **more: Any) -> Any:
    accounts = [
        {"username": f"rev{at}", "password": password, "totp_secret": secret} for at, secret in enumerate(SECRETS)
    ]
    return {"reviewing": {"accounts": accounts, **more}}


def test_every_clip_is_seen_in_every_view_and_the_run_ends_by_itself(
    locust: Callable[..., Any], review: Callable[..., str]
) -> None:
    settings = _reviewing(critical_share=0.2)
    began = time.monotonic()
    run = locust(review(), "--stop-timeout", "60", locustfile=REVIEWERS, settings=settings, seconds=40, stop=False)
    assert run.code == 0, run.output
    assert "run-time limit reached" not in run.output
    assert time.monotonic() - began < 60  # no user holds up the end until the stop time-out
    assert [(line["clips"], line["visited"], line["complete"]) for line in run.of("coverage")] == [(25, 25, True)]
    seen: dict[str, set[str]] = {}
    for line in run.of("response"):
        if line["method"] == "GET" and "clip_ref" in line:
            seen.setdefault(line["clip_ref"], set()).add(line["route"])
    assert len(seen) == 25
    assert all(routes == VIEWS for routes in seen.values())
    routes = {(line["method"], line["route"]) for line in run.of("response")}
    assert {
        ("POST", "/login"), ("POST", "/api/session"), ("GET", "/queue"), ("GET", "/api/queue"), ("POST", "/api/next"),
        ("POST", "/clips/{ref}/annotations"), ("POST", "/api/clips/{ref}/annotations"), ("GET", "/{unknown}"),
        ("GET", "/healthz"), ("GET", "/api/openapi.json"), ("GET", "/api/customers/{customer_id}"),
        ("POST", "/api/clips/{ref}/release"), ("POST", "/logout"), ("DELETE", "/api/session"),
    } <= routes  # fmt: skip
    assert any(route.endswith("/critical") and method == "POST" for method, route in routes)
    assert not [line for line in run.of("response") if line["status"] >= 500]
    outside = [line for line in run.of("response") if line["role"] == "stranger"]
    assert {line["status"] for line in outside} == {200, 401}
    assert not [line for line in outside if "clip_ref" in line]


def test_an_identity_in_one_clip_is_found_as_page_and_as_json(
    locust: Callable[..., Any], review: Callable[..., str], known: Identities
) -> None:
    run = locust(
        review(known.households[2].members[0].name), locustfile=REVIEWERS, settings=_reviewing(), seconds=40, stop=False
    )
    assert run.code == 1
    assert {
        ("members.name", "response_body", "reviewer GET /clips/{ref}"),
        ("members.name", "response_body", "reviewer GET /api/clips/{ref}"),
    } <= run.findings()
    assert {f["household_id"] for line in run.of("response") for f in line["findings"]} == {"H02"}


def test_a_reviewer_who_is_not_let_in_ends_the_run(locust: Callable[..., Any], review: Callable[..., str]) -> None:
    settings = _reviewing(password="wrong")
    for account in settings["reviewing"]["accounts"]:
        del account["totp_secret"]  # else the next code would be waited for
    run = locust(review(), locustfile=REVIEWERS, settings=settings, seconds=40, stop=False)
    assert re.search(r"account rev[01] is not let in \(status 401\)", run.output)
    assert run.code == 3
    assert "run-time limit reached" not in run.output
    assert [line["complete"] for line in run.of("coverage")] == [False]


def test_without_accounts_it_is_one_line_and_exit_2(locust: Callable[..., Any]) -> None:
    run = locust("http://127.0.0.1:9", locustfile=REVIEWERS)
    assert run.code == 2
    assert "reviewing: missing; reviewers need accounts" in run.output
