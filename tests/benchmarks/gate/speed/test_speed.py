"""How fast, beside openWakeWord's own streaming predict on the same clips in the same run; memory of a stream."""

import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from gateway.clip import Clip
from gateway.contract.model import load_contract
from gateway.gate.decide import decide, to_score
from gateway.gate.verify import load_verifier
from gateway.gate.wake import HOP_SAMPLES, OpenWakeWord, Pcm
from gateway.intake.stream_listener import StreamListener
from gateway.wire import AudioFrame
from scenarios.wakewords.corpus import takes
from scenarios.wakewords.sounds import sound_of
from tests.benchmarks.figures import Note

pytestmark = pytest.mark.bench
CLIPS = 60


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

    with threadpool_limits(1):  # as in the gateway's process
        ours()
        theirs()
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


def test_open_streams(note: Note) -> None:
    """Streams without sessions in which nothing is heard: what each holds, and what listening to it costs."""
    box = StreamListener(load_contract("strict"), OpenWakeWord())
    rng, streams, frames = np.random.default_rng(1), 20, 150
    said = [rng.integers(-30, 31, 1_024).astype("<i2").tobytes() for _ in range(frames)]

    def listen() -> None:
        for number in range(streams):
            for at in range(frames):
                box.hear(f"s{number}", AudioFrame(pcm=said[at]), now=at * 0.064, now_ms=0)
            box.reset(f"s{number}")

    took = min(cpu_s(listen) for _ in range(3))
    tracemalloc.start()
    most = 0
    for number in range(streams):
        for at in range(frames):
            box.hear(f"s{number}", AudioFrame(pcm=said[at]), now=at * 0.064, now_ms=0)
            most = max(most, box.held_bytes if number == 0 else 0)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    note(
        "open streams",
        most_audio_bytes_per_stream=most,
        held_bytes_per_stream_with_state=held // streams,
        streams_per_cpu=round(streams * frames * 0.064 / took),
    )
    assert most < 60_000
    assert held / streams < 120_000
