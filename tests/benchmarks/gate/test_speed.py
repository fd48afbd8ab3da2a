"""How fast, beside openWakeWord's own streaming predict on the same clips in the same run; memory; latency at load."""

import time
import tracemalloc
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from gateway.clip import Clip
from gateway.contract import load_contract
from gateway.gate.decide import decide, to_score
from gateway.gate.verify import load_verifier
from gateway.gate.wake import HOP_SAMPLES, OpenWakeWord, Pcm
from gateway.satellite import Satellites
from gateway.service import Parts, Service
from gateway.vault_door import SiteFacts, VaultMemory
from gateway.wire import AudioFrame, SessionEnd, SessionStart, Topics, encode_json
from scenarios.wakewords.corpus import sound_of, takes
from simulator.assistant import USUAL, transcribe
from simulator.device import cut
from tests.benchmarks.figures import Note
from tests.gateway.world import Shelf

pytestmark = pytest.mark.bench
CLIPS, LATENCY_SESSIONS = 60, 80


@pytest.fixture(scope="module")
def clips() -> list[Pcm]:
    made = [sound_of(take).pcm for kind in ("wake", "confusable") for take in takes(CLIPS // 2, kind=kind, seed=3)]
    return [pcm[: len(pcm) // HOP_SAMPLES * HOP_SAMPLES] for pcm in made]


def cpu_s(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def test_clips_gated_per_cpu_second(clips: list[Pcm], note: Note) -> None:
    engine, verifier, contract = OpenWakeWord(), load_verifier(), load_contract("strict")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import openwakeword
        from openwakeword.model import Model

        folder = Path(openwakeword.__file__).parent / "resources" / "models"
        peer = Model(wakeword_model_paths=[str(folder / "alexa_v0.1.onnx")])
    whole = [Clip(site_id="s", session_id="1", at_ms=0, pcm=pcm.tobytes(), trigger="wake") for pcm in clips]

    def ours() -> None:
        for clip in whole:
            decide(clip, contract, engine.hear(to_score(clip, contract)), verifier)

    def theirs() -> None:
        for pcm in clips:  # no lead: only the clip's own samples, which favours the peer
            for at in range(0, len(pcm), HOP_SAMPLES):
                peer.predict(pcm[at : at + HOP_SAMPLES])

    ours(), theirs()
    rounds = [(cpu_s(ours), cpu_s(theirs)) for _ in range(3)]
    best, peers = min(r[0] for r in rounds), min(r[1] for r in rounds)
    seconds = sum(map(len, clips)) / 16_000
    worst = 0.0
    for pcm in clips[:20]:
        stream = np.concatenate([engine.lead, pcm])
        said = [next(iter(peer.predict(stream[at : at + HOP_SAMPLES]).values())) for at in range(0, len(stream), 1_280)]
        hops = len(pcm) // HOP_SAMPLES
        worst = max(worst, float(np.abs(engine.hear(pcm).scores[:hops] - said[-hops:]).max()))
    note(
        "speed",
        clips_per_cpu_s=round(CLIPS / best, 1),
        openwakeword_clips_per_cpu_s=round(CLIPS / peers, 1),
        ratio=round(peers / best, 2),
        times_real_time=round(seconds / best),
        worst_score_difference=worst,
    )
    assert worst <= 1e-4
    assert peers / best >= 6


def test_memory_of_an_open_stream(note: Note) -> None:
    box = Satellites(load_contract("strict"), OpenWakeWord())
    rng = np.random.default_rng(1)
    tracemalloc.start()
    streams = 20
    for number in range(streams):
        for at in range(150):
            pcm = rng.integers(-30, 31, 1_024).astype("<i2").tobytes()
            box.hear(f"s{number}", AudioFrame(pcm=pcm), now=at * 0.064, now_ms=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    note("memory", bytes_per_stream=box.held_bytes // streams, traced_peak_bytes=peak)
    assert box.held_bytes / streams < 120_000


@pytest.fixture(scope="module")
def served_s() -> list[float]:
    """Wall seconds from a session's end to its receipt in an idle gateway in memory: real engine, second stage,
    forced alignment and redaction; strict; half of the sessions have the wake word."""
    service = Service(
        Parts(
            contract=load_contract("strict"),
            detector=OpenWakeWord(),
            verifier=load_verifier(),
            vault=VaultMemory({"kitchen": SiteFacts(household_key="k", consent=True, names=("laura",))}),
            store=Shelf(),
            population={},
            key=b"k" * 32,
            now=lambda: datetime(2019, 4, 10, tzinfo=UTC),
        )
    )
    topics, took, rng = Topics(), [], np.random.default_rng(2)
    asked = [take for kind in ("wake", "confusable") for take in takes(LATENCY_SESSIONS // 2, kind=kind, seed=6)]
    for number, take in enumerate(asked):
        sound, session, at_ms = sound_of(take), f"s{number}", 60_000 * number
        heard = transcribe(
            sound.words, samples=len(sound.pcm), site_id="kitchen", session_id=session, hearing=USUAL, rng=rng
        )
        start = SessionStart(session_id=session, at_ms=at_ms, trigger="wake")
        service.handle(topics.device("kitchen", "session/start"), encode_json(start))
        frames = cut(sound, at_ms)
        for frame in frames:
            service.handle(topics.frame("kitchen", session), frame)
        service.handle(topics.transcript(), encode_json(heard))
        end = SessionEnd(session_id=session, at_ms=at_ms, frames=len(frames))
        began = time.perf_counter()
        service.handle(topics.device("kitchen", "session/end"), encode_json(end))
        answers = service.settle()
        took.append(time.perf_counter() - began)
        assert len(answers) == 1
    return took[10:]


@pytest.mark.parametrize("load", [0.25, 0.5, 0.75])
def test_latency_from_last_frame_to_receipt(load: float, served_s: list[float], note: Note) -> None:
    """One worker's queue under Poisson arrivals, drawn from the times measured: what waits behind what."""
    capacity = 1 / float(np.mean(served_s))
    rng, waits, busy_until = np.random.default_rng(4), [], 0.0
    for at in np.cumsum(rng.exponential(1 / (load * capacity), 5_000)):
        busy_until = max(float(at), busy_until) + float(rng.choice(served_s))
        waits.append(busy_until - float(at))
    note(
        f"latency at {load:.0%} of capacity",
        sessions_per_s=round(capacity, 1),
        p50_ms=round(1000 * float(np.percentile(waits, 50)), 1),
        p99_ms=round(1000 * float(np.percentile(waits, 99)), 1),
    )
    assert np.percentile(waits, 99) < 5
