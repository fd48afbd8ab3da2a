"""Eight kinds of people at a real review tool: each does its work, and nobody sees what is not theirs."""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OFFICE = "loadtests/reviewers/office.py"
ROLES = ("reviewer", "reviewer", "lead", "auditor", "safety_officer", "administrator")

REVIEW_TOOL = """
import json, random, sys
from pathlib import Path
from gateway.clip import RedactedClip
from gateway.contract.model import load_contract
from gateway.files import write_private
from gateway.review.people.accounts import accounts_json, make_account
from gateway.review.serve import serve_review
from gateway.storage.store import Store
from gateway.wire import encode_wav

folder, accounts = Path(sys.argv[1]), json.loads(sys.argv[2])
made = [make_account(a["username"], a["role"], a["password"], a["totp_secret"]) for a in accounts]
write_private(folder / "accounts.json", accounts_json(made))
store, rng = Store(f"sqlite:///{folder}/clips.db"), random.Random(1)
for at in range(60):
    store.put(
        RedactedClip(
            ref=f"{rng.getrandbits(128):032x}", recorded_on="2019-04-10", trigger="wake_word", duration_ms=100,
            device="d-3f9a", transcript="alexa play some music", wav=encode_wav(rng.randbytes(3200)), withheld=None,
            peaks=[1, 50, 100],
        ),
        session_key=str(at),
    )
sys.stdout.reconfigure(line_buffering=True)
serve_review(store=store, contract=load_contract("strict"), accounts=folder / "accounts.json", audit=folder / "audit")
"""


def _accounts() -> Any:
    rng = random.Random(4)
    secrets = ["".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=32)) for _ in ROLES]
    return [
        {"username": f"p{at}", "role": role, "password": "a long enough password", "totp_secret": secret}
        for at, (role, secret) in enumerate(zip(ROLES, secrets, strict=True))
    ]


@pytest.mark.slow
def test_everybody_works_and_nobody_sees_what_is_not_theirs(
    locust: Callable[..., Any], start: Callable[..., str], tmp_path: Path
) -> None:
    accounts = _accounts()
    host = start("-c", REVIEW_TOOL, tmp_path, json.dumps(accounts))
    users = ("-u", "60", "-r", "60")
    settings = {"reviewing": {"accounts": accounts}}
    run = locust(host, *users, locustfile=OFFICE, settings=settings, seconds=25, stop=False)
    assert run.code == 0, run.output
    seen = {(line["role"], f"{line['method']} {line['route']}", line["status"]) for line in run.of("response")}
    asked = {(role, route) for role, route, status in seen if status == 200}
    assert {
        ("reviewer", "POST /clips/{ref}/annotations"), ("reviewer", "GET /clips/{ref}/audio.wav"),
        ("lead", "GET /workload"), ("safety_officer", "GET /cases"),
    } <= asked  # fmt: skip
    # The first of an auditor's two tasks is drawn, and there may be time for no second one.
    assert {("auditor", "GET /audit"), ("auditor", "GET /api/audit/clips")} & asked
    assert ("administrator", "GET /queue") not in asked
    refused = {route for role, route, status in seen if role == "reviewer" and status in (403, 404)}
    assert {"GET /audit", "GET /workload", "GET /cases"} <= refused
    assert {status for role, _route, status in seen if role == "stranger"} <= {200, 401}
    # This tool has no vault: whatever asks it is answered 503.
    broken = {(line["route"], line["status"]) for line in run.of("response") if line["status"] >= 500}
    assert {(route, status) for route, status in broken if (route, status) != ("/cases/list", 503)} == set()


@pytest.mark.parametrize(
    ("environ", "said"),
    [({}, "reviewing: missing; people need accounts"), ({"EARLID_SHAPE": "star"}, "star: allowed: ramp, spike")],
)
def test_wrong_settings_are_one_line(tmp_path: Path, environ: Any, said: Any) -> None:
    reviewing = {"reviewing": {"accounts": _accounts()}} if environ else {}
    told = tmp_path / "settings.json"
    told.write_text(json.dumps({"identities": "x", "spool": "y", **reviewing}))
    code = (
        "import os, runpy, sys; from gevent import monkey; monkey.patch_all(); "
        f"sys.modules.pop('office', None); runpy.run_path('{OFFICE}', run_name='office')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, timeout=60, env={"EARLID_LEAKWATCH": str(told), **environ},
    )  # fmt: skip
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr
