"""Small made-up truths and observations for the tests of ledger, checks and reports."""

from typing import Any

import msgspec
import numpy as np

from gateway.contract.model import load_contract
from gateway.wire import encode_wav
from scenarios.checks.intact import integrity
from scenarios.model.expectation import Expect
from scenarios.model.ledger import Ledger, Stored, join_tag, reconcile
from scenarios.model.observations import Control, LoadFigures, Observations, Response, Searched, Served
from scenarios.model.scenario import Scenario
from scenarios.report.result import RunResult
from scenarios.verdict import Finding, Verdict, Where
from simulator.world.truth import Delivery, SpokenWord, Truth, Utterance

KEY = b"j" * 32
RATE = 16_000


def said(label: str = "H01-D1-001", **more: Any) -> Utterance:
    made = Utterance(
        utterance_id=label,
        household_id=label[:3],
        device="kitchen",
        session_id=f"session-{label}",
        at_ms=0,
        kind="wake",
        intent="message",
        expected="keep",
        acoustic=True,
        text="alexa call laura",
        words=(
            SpokenWord(text="alexa", start=6_400, end=14_400),
            SpokenWord(text="laura", start=24_000, end=32_000, secret="contacts.name"),
        ),
        duration_ms=3_000,
        pcm_digest="d",
    )
    return msgspec.structs.replace(made, **more)


def delivered(utterance: Utterance, outcome: str | None = "kept", reason: str | None = "wake_word") -> Delivery:
    return Delivery(utterance_id=utterance.utterance_id, attempts=1, frames=38, outcome=outcome, reason=reason)


def stored(utterance: Utterance, ref: str = "ref-1") -> Stored:
    return Stored(tag=join_tag(KEY, utterance.session_id), ref=ref, spans_digest="s")


def ledger(*rows: tuple[Utterance, Delivery | None, list[Stored]], unexplained: int = 0) -> Ledger:
    truth = Truth(
        seed=1, utterances=tuple(row[0] for row in rows), deliveries=tuple(row[1] for row in rows if row[1] is not None)
    )
    made = reconcile(truth, [clip for row in rows for clip in row[2]], {}, join_key=KEY)
    return msgspec.structs.replace(made, unexplained=made.unexplained + unexplained)


def recording(seed: int = 5, seconds: float = 3.0) -> np.ndarray:
    """Something speech-like enough to be aligned: noise in bursts."""
    rng = np.random.default_rng(seed)
    samples = rng.normal(0, 2_000, int(seconds * RATE))
    burst = (np.sin(np.arange(len(samples)) / 900) > -0.4).astype(float)
    return (samples * burst).astype(np.int16)


def finding(field: str = "home.latitude", **more: Any) -> Finding:
    made = Finding(
        check="leaks",
        severity="high",
        where=Where(kind="response_body", name="reviewer GET /clips/{ref}"),
        household_id="H01",
        field=field,
        how=("place",),
        masked_evidence="home of H01 within 4 m",
    )
    return msgspec.structs.replace(made, **more)


def response(**more: Any) -> Response:
    made = Response(
        role="reviewer", method="GET", route="/clips/{ref}", status=200, bytes=900, ms=4.0, clip_ref="ref-1"
    )
    return msgspec.structs.replace(made, **more)


def served(pcm: np.ndarray | None, ref: str = "ref-1", **facts: Any) -> Served:
    wav = encode_wav(pcm.tobytes()) if pcm is not None else None
    shown = {"peaks": [3, 9, 4], "withheld": None, "transcript": "alexa call [contact]", **facts}
    return Served(ref=ref, facts=shown, wav=wav, clean=True)


def observed(**more: Any) -> Observations:
    made = Observations(
        responses=(response(),),
        controls=(Control(name="exact", via="HttpUser", found=True),),
        served={},
        routes=frozenset({"GET /clips/{ref}"}),
        at_rest=(Searched(name="clips.db", bytes=10),),
        load=LoadFigures(requests=10, failures=0, seconds=1.0, rps=10.0, p50_ms=1.0, p95_ms=2.0, p99_ms=3.0),
        looked_for={"members.name": 100},
        sounds={},
    )
    return msgspec.structs.replace(made, **more)


def scenario(**more: Any) -> Scenario:
    return Scenario(scenario=1, name="strict", about="A test.", checks=("leaks",), **more)


def result(verdicts: tuple[Verdict, ...], expect: Expect | None = None, **more: Any) -> RunResult:
    utterance = said()
    made = RunResult(
        scenario=scenario(expect=expect),
        contract=load_contract("strict"),
        verdicts=verdicts,
        ledger=ledger((utterance, delivered(utterance), [stored(utterance)])),
        seen=observed(),
        timing={"fleet": 1.0},
        households=3,
        broker="mosquitto",
        out=more.pop("out"),
    )
    made = msgspec.structs.replace(made, **more)
    return msgspec.structs.replace(made, integrity=integrity(made.ledger, made.seen, made.contract))
