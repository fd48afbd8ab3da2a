"""StreamListener without sessions: a stream of frames in, clips out where the wake word was heard; all in memory.

A stream is scored as it comes and forgotten as it goes: while nothing is heard no more than the last seconds exist.
What the engine proposes is asked of the gate's second stage before anything more is kept. Any gap, an unreadable
frame, the mute switch or a stream that falls silent empties the ring, so that nothing is ever spliced or hoarded.
"""

import secrets
from collections import Counter
from dataclasses import dataclass

import numpy as np

from gateway.clip import Clip
from gateway.contract.model import Contract
from gateway.gate.decide import wake_word
from gateway.gate.trim import WORD_SAMPLES, clip_start, silence_began
from gateway.gate.verify import Verifier
from gateway.gate.wake import HOP_SAMPLES, Detector, Listening, Pcm
from gateway.intake.session import follows
from gateway.wire import RATE_HZ, AudioFrame

MAX_STREAMS = 1_024
_SCORED_EVERY = 6 * HOP_SAMPLES  # 0.48 s: what a stream costs is how often it is scored
_PAUSE_S = 1.0  # frames without numbers: a longer silence of the network is a gap
_GONE_S = 10.0  # a stream that sends nothing for so long is forgotten, whatever was heard in it
_END_SILENCE_MS = 700
_PEAKED = (
    8 * HOP_SAMPLES
)  # so long after a word was first heard, its peak and what a second stage sees behind it are in


@dataclass(slots=True)
class _Stream:
    """`pcm` is all there is of it, `scored` samples of it have been heard. Samples in it: where the engine proposes a
    word that the second stage was not asked about yet (`proposed`), and where that agreed to one (`woke`)."""

    pcm: Pcm
    ears: Listening
    heard_s: float
    last: AudioFrame | None = None
    scored: int = 0
    proposed: tuple[int, ...] = ()
    woke: int | None = None
    looked: int = 0  # length at which the end of the request was last looked for


class StreamListener:
    """Every open stream, by site. One worker owns it."""

    def __init__(
        self,
        contract: Contract,
        detector: Detector,
        verifier: Verifier | None = None,
        counts: Counter[str] | None = None,
    ) -> None:
        self._counts = Counter() if counts is None else counts
        self._gate, self._detector, self._verifier = contract.gate, detector, verifier
        now = tuple(stage for stage in contract.gate.verify if stage != "transcript")  # that comes with the clip
        self._at_once = contract.model_copy(update={"gate": contract.gate.model_copy(update={"verify": now})})
        self._streams: dict[str, _Stream] = {}  # who was heard last stands last
        self._keep = WORD_SAMPLES + self._gate.pre_roll_ms * RATE_HZ // 1000
        self._most = self._gate.max_clip_ms * RATE_HZ // 1000

    @property
    def held_bytes(self) -> int:
        return sum(stream.pcm.nbytes for stream in self._streams.values())

    def reset(self, site: str) -> None:
        """Nothing of this stream is kept any longer."""
        self._streams.pop(site, None)

    def forget_gone(self, now: float) -> None:
        """Let go of streams that have stopped."""
        while self._streams:
            site, stream = next(iter(self._streams.items()))
            if now - stream.heard_s <= _GONE_S:
                return
            self.reset(site)

    def hear(self, site: str, frame: AudioFrame, *, now: float, now_ms: int) -> Clip | None:
        """Take a frame in; the clip that ended with it, if one did. `now` is when it came (monotonic seconds), `now_ms`
        the gateway's clock, which stands for the event time of clients that send none."""
        stream = self._stream(site, frame, now)
        if stream is None:
            return None
        stream.pcm = np.concatenate([stream.pcm, np.frombuffer(frame.pcm, "<i2").astype(np.int16, copy=False)])
        stream.heard_s, stream.last = now, frame
        if stream.woke is None and len(stream.pcm) - stream.scored >= _SCORED_EVERY:
            self._listen(stream)
        if stream.woke is None:
            self._forget(stream)
            return None
        return self._cut(site, stream, now_ms)

    def _stream(self, site: str, frame: AudioFrame, now: float) -> _Stream | None:
        """The site's stream, a fresh one after any gap; None when there are too many."""
        stream = self._streams.pop(site, None)
        if stream is not None and not _goes_on(stream, frame, now):
            self._counts["stream_gap"] += 1
            stream = None
        if stream is None:
            if len(self._streams) >= MAX_STREAMS:
                self._counts["stream_refused"] += 1
                return None
            stream = _Stream(pcm=np.zeros(0, np.int16), ears=self._detector.listen(), heard_s=now)
        self._streams[site] = stream
        return stream

    def _listen(self, stream: _Stream) -> None:
        """Score what is new, whole hops only; when all of what the engine proposes is in, ask the second stage."""
        hops = (len(stream.pcm) - stream.scored) // HOP_SAMPLES
        scores = stream.ears.hear(stream.pcm[stream.scored : stream.scored + hops * HOP_SAMPLES])
        heard = np.flatnonzero(scores >= self._gate.wake_threshold)
        stream.proposed += tuple(stream.scored + int(hop) * HOP_SAMPLES for hop in heard)
        stream.scored += hops * HOP_SAMPLES
        if stream.proposed and stream.scored - stream.proposed[0] >= _PEAKED:
            stream.woke = self._agreed(stream.pcm[: stream.scored], stream.proposed[0])
            stream.looked = stream.woke or 0
            stream.proposed = tuple(at for at in stream.proposed if stream.scored - at < _PEAKED)

    def _agreed(self, pcm: Pcm, proposed: int) -> int | None:
        """The sample at which the gate would hear the wake word in a clip cut for this proposal."""
        start = clip_start(proposed, self._gate.pre_roll_ms)
        clip = Clip(site_id="", session_id="", at_ms=0, pcm=pcm[start:].tobytes(), trigger="wake")
        word = wake_word(clip, self._at_once, self._detector.hear(pcm[start:]), self._verifier)
        return None if word is None else start + word[0] * HOP_SAMPLES

    def _forget(self, stream: _Stream) -> None:
        """While nothing was heard: a word and its pre-roll before what is not judged yet, in whole hops."""
        judged = stream.proposed[0] if stream.proposed else stream.scored
        over = max(0, judged - self._keep) // HOP_SAMPLES * HOP_SAMPLES
        if over:
            stream.pcm, stream.scored = stream.pcm[over:].copy(), stream.scored - over
            stream.proposed = tuple(at - over for at in stream.proposed)

    def _cut(self, site: str, stream: _Stream, now_ms: int) -> Clip | None:
        """The clip, once the request has ended or is as long as may be; the gate then decides it like any other. The
        stream goes on with what came after."""
        woke = stream.woke or 0
        start = clip_start(woke, self._gate.pre_roll_ms)
        if len(stream.pcm) - stream.looked < _SCORED_EVERY:
            return None
        stream.looked = len(stream.pcm)
        end = silence_began(stream.pcm[start:], woke - start, self._gate.end_silence_ms or _END_SILENCE_MS)
        if end is None and len(stream.pcm) - start < self._most:
            return None
        end = min(self._most, len(stream.pcm) - start if end is None else end)
        pcm = stream.pcm[start : start + end].tobytes()
        at_ms = now_ms - (len(stream.pcm) - start) * 1000 // RATE_HZ
        self._streams[site] = _Stream(
            pcm=stream.pcm[start + end :].copy(),
            ears=self._detector.listen(),
            heard_s=stream.heard_s,
            last=stream.last,
        )
        session = f"gw-{secrets.token_hex(8)}"
        return Clip(site_id=site, session_id=session, at_ms=at_ms, pcm=pcm, trigger="wake")


def _goes_on(stream: _Stream, frame: AudioFrame, now: float) -> bool:
    """Whether this frame comes right after what the stream has."""
    if stream.last is None:
        return True
    if stream.last.seq is None or frame.seq is None:
        return stream.last.seq is frame.seq and now - stream.heard_s <= _PAUSE_S
    return frame.seq == stream.last.seq + 1 and follows(stream.last, frame) is None
