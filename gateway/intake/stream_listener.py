"""Listens to audio streams and cuts a clip where the wake word was heard. All of it stays in memory.

A satellite streams without a session. A client that knows only Hermes streams within a session, which it may stop. The
listener scores the audio as it arrives and keeps only the last seconds while it hears no wake word. When the engine
proposes a wake word, the gate's second stage is asked before more audio is kept. A gap, an unreadable frame, the mute
switch or a silent stream empties the buffer, so that audio from different times is never joined.
"""

import secrets
from collections import Counter
from dataclasses import dataclass, field

import msgspec
import numpy as np

from gateway.clip import Clip
from gateway.contract.model import Contract
from gateway.gate.decide import wake_word
from gateway.gate.trim import WORD_SAMPLES, clip_start, silence_began
from gateway.gate.verify import Verifier
from gateway.gate.wake import HOP_SAMPLES, Detector, Listening, Pcm
from gateway.intake.frame_order import FrameOrder
from gateway.wire import RATE_HZ, SAMPLE_BYTES, AudioFrame

MAX_STREAMS = 1_024
MAX_SESSIONS = 8  # of one device, at once
_SCORED_EVERY = 6 * HOP_SAMPLES  # 0.48 s; scoring more often costs more CPU
_SILENT_S = 1.0  # a Hermes session ends after so long without a frame
_GONE_S = 10.0  # a stream is forgotten after so long without a frame
_FLUSH_MS = 60_000  # for so long after a stream began its samples may set its time
_END_SILENCE_MS = 700
_PEAKED = (
    8 * HOP_SAMPLES
)  # so long after a word was first heard, its peak and what a second stage sees behind it are in

Name = tuple[str, str]  # site, session; the session is empty for a stream without


@dataclass(slots=True)
class _Stream:
    """One open stream.

    `pcm` is the audio in memory (int16 samples). Its first `scored` samples were scored. `gone` samples before it were
    dropped. `proposed` are sample positions where the engine proposes a wake word that the second stage did not judge
    yet. `woke` is the position of a confirmed wake word. `began_ms` is the time of the first sample by the gateway's
    clock. `last` is the last frame.

    Used for sessions only: `cut` counts the clips cut so far, `fault` and `muted` say why no more can be cut, and
    `over` is true after the session ended.
    """

    pcm: Pcm
    ears: Listening
    heard_s: float
    began_ms: int
    last: AudioFrame | None = None
    order: FrameOrder = field(default_factory=FrameOrder)
    scored: int = 0
    gone: int = 0
    proposed: tuple[int, ...] = ()
    woke: int | None = None
    looked: int = 0  # length at which the end of the request was last looked for
    cut: int = 0
    fault: str | None = None
    muted: bool = False
    over: bool = False


class StreamListener:
    """All open streams, by site and session. One worker owns it."""

    def __init__(
        self,
        contract: Contract,
        detector: Detector,
        verifier: Verifier | None = None,
        counts: Counter[str] | None = None,
    ) -> None:
        self._counts = Counter() if counts is None else counts
        self._gate, self._detector, self._verifier = contract.gate, detector, verifier
        # The transcript comes later, with the clip.
        now = tuple(stage for stage in contract.gate.verify if stage != "transcript")
        self._at_once = contract.model_copy(update={"gate": contract.gate.model_copy(update={"verify": now})})
        self._streams: dict[Name, _Stream] = {}  # the stream heard last is last
        self._keep = WORD_SAMPLES + self._gate.pre_roll_ms * RATE_HZ // 1000
        self._most = self._gate.max_clip_ms * RATE_HZ // 1000

    @property
    def held_bytes(self) -> int:
        """Bytes of PCM in memory."""
        return sum(stream.pcm.nbytes for stream in self._streams.values())

    def knows(self, site: str, session: str) -> bool:
        """Whether this session is listened to here."""
        return (site, session) in self._streams

    def reset(self, site: str, session: str = "") -> None:
        """Forget this stream."""
        self._streams.pop((site, session), None)

    def mute(self, site: str) -> None:
        """The microphone was switched off. Forget the audio of the site; its sessions are answered when they end."""
        self.reset(site)
        for name, stream in self._streams.items():
            if name[0] == site:
                self._empty(stream)
                stream.muted = True

    def spoil(self, site: str, session: str, reason: str, *, now: float, now_ms: int) -> bool:
        """A frame of this session was unreadable, lost or not allowed. False when there are too many streams."""
        stream = self._touched((site, session), now, now_ms)
        if stream is None:
            return False
        stream.fault = stream.fault or reason
        self._empty(stream)
        return True

    def forget_gone(self, now: float) -> None:
        """Forget streams without a frame for ten seconds."""
        while self._streams:
            name, stream = next(iter(self._streams.items()))
            if now - stream.heard_s <= _GONE_S:
                return
            self.reset(*name)

    def silent(self, now: float, now_ms: int) -> list[Clip]:
        """End the sessions without a frame for a second, and return their last clips."""
        names = []
        for name, stream in self._streams.items():
            if now - stream.heard_s <= _SILENT_S:
                break
            if name[1]:
                names.append(name)
        clips = [clip for name in names for clip in self._stopped(name, now_ms)]
        for name in names:
            del self._streams[name]
        return clips

    def stop(self, site: str, session: str | None, now_ms: int) -> list[Clip]:
        """End this session, or all sessions of the site, because the client says so. Returns their last clips.

        Frames that still arrive are ignored.
        """
        names = [name for name in self._streams if name[0] == site and name[1] and session in (None, name[1])]
        clips = [clip for name in names for clip in self._stopped(name, now_ms)]
        for name in names:
            self._empty(self._streams[name])
            self._streams[name].over = True
        return clips

    def hear(
        self, site: str, frame: AudioFrame, *, now: float, now_ms: int, session: str = ""
    ) -> tuple[bool, list[Clip]]:
        """Take in a frame. Returns (taken, clips): False when there are too many streams, and the clips that ended.

        `now` is the time of arrival (monotonic seconds). `now_ms` is the gateway's clock. It replaces the event time of
        clients that send none.
        """
        name = (site, session)
        known = self._streams.get(name)
        silent_s = 0.0 if known is None else now - known.heard_s
        stream = self._touched(name, now, now_ms)
        if stream is None:
            return False, []
        if stream.over:
            return True, []
        gap, frames = stream.order.put(frame, silent_s)
        if gap:
            self._counts["stream_gap"] += 1
            self._empty(stream, keep_order=True)
            stream.began_ms = now_ms
        return True, [clip for each in frames for clip in self._heard(name, stream, each, now_ms)]

    def _heard(self, name: Name, stream: _Stream, frame: AudioFrame, now_ms: int) -> list[Clip]:
        stream.last = frame
        stream.pcm = np.concatenate([stream.pcm, np.frombuffer(frame.pcm, "<i2").astype(np.int16, copy=False)])
        if stream.woke is None and len(stream.pcm) - stream.scored >= _SCORED_EVERY:
            self._listen(stream)
        if stream.woke is None:
            self._forget(stream)
            return []
        return self._cut(name, stream, now_ms)

    def _touched(self, name: Name, now: float, now_ms: int) -> _Stream | None:
        """The stream of this name, made if it is missing. None when there are too many streams."""
        stream = self._streams.pop(name, None)
        if stream is None:
            own = sum(site == name[0] for site, _ in self._streams) if name[1] else 0
            if len(self._streams) >= MAX_STREAMS or own > MAX_SESSIONS:
                self._counts["stream_refused"] += 1
                return None
            stream = _Stream(pcm=np.zeros(0, np.int16), ears=self._detector.listen(), heard_s=now, began_ms=now_ms)
        stream.heard_s = now
        self._streams[name] = stream
        return stream

    def _empty(self, stream: _Stream, *, keep_order: bool = False) -> None:
        """Drop the audio of this stream and start listening again."""
        stream.pcm, stream.ears = np.zeros(0, np.int16), self._detector.listen()
        stream.scored = stream.gone = stream.looked = 0
        stream.proposed, stream.woke = (), None
        if not keep_order:
            stream.order = FrameOrder()

    def _listen(self, stream: _Stream) -> None:
        """Score new audio in whole hops. Ask the second stage once all audio around a proposed word is there."""
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
        """The sample at which the gate hears the wake word in a clip cut for this proposal, or None."""
        start = clip_start(proposed, self._gate.pre_roll_ms)
        clip = Clip(site_id="", session_id="", at_ms=0, pcm=pcm[start:].tobytes(), trigger="wake")
        word = wake_word(clip, self._at_once, self._detector.hear(pcm[start:]), self._verifier)
        return None if word is None else start + word.first * HOP_SAMPLES

    def _forget(self, stream: _Stream) -> None:
        """Drop old audio in whole hops. One word and its pre-roll before the first unjudged sample are kept."""
        judged = stream.proposed[0] if stream.proposed else stream.scored
        over = max(0, judged - self._keep) // HOP_SAMPLES * HOP_SAMPLES
        if over:
            stream.pcm, stream.scored = stream.pcm[over:].copy(), stream.scored - over
            stream.gone += over
            stream.proposed = tuple(at - over for at in stream.proposed)

    def _cut(self, name: Name, stream: _Stream, now_ms: int) -> list[Clip]:
        """Cut the clip once the request has ended or has the maximum length. The stream goes on after it."""
        woke = stream.woke or 0
        start = clip_start(woke, self._gate.pre_roll_ms)
        if len(stream.pcm) - stream.looked < _SCORED_EVERY:
            return []
        stream.looked = len(stream.pcm)
        end = silence_began(stream.pcm[start:], woke - start, self._gate.end_silence_ms or _END_SILENCE_MS)
        if end is None and len(stream.pcm) - start < self._most:
            return []
        return [
            self._clip(
                name, stream, start, start + min(self._most, len(stream.pcm) - start if end is None else end), now_ms
            )
        ]

    def _clip(self, name: Name, stream: _Stream, start: int, end: int, now_ms: int) -> Clip:
        """Take samples start to end out of the stream as a clip."""
        at_ms = _event_ms(stream, now_ms) - (len(stream.pcm) - start) * 1000 // RATE_HZ
        pcm = stream.pcm[start:end].tobytes()
        stream.pcm, stream.ears = stream.pcm[end:].copy(), self._detector.listen()
        stream.gone, stream.scored, stream.looked = stream.gone + end, 0, 0
        stream.proposed, stream.woke, stream.cut = (), None, stream.cut + 1
        session = name[1] or f"gw-{secrets.token_hex(8)}"
        return Clip(site_id=name[0], session_id=session, at_ms=at_ms, pcm=pcm, trigger="wake")

    def _stopped(self, name: Name, now_ms: int) -> list[Clip]:
        """The last clip of a session that ends: the request as far as it was heard.

        If no request was heard in the whole session, the clip holds the rest of the audio, so that the gate can answer
        that there was no wake word.
        """
        stream = self._streams[name]
        if stream.over:
            return []
        if stream.woke is None and not stream.muted and stream.fault is None:
            self._listen(stream)
        woke = stream.woke
        if woke is None and stream.proposed:
            woke = self._agreed(stream.pcm[: stream.scored], stream.proposed[0])
        if woke is None and stream.cut:
            return []
        start = clip_start(woke or 0, self._gate.pre_roll_ms)
        length = min(self._most, len(stream.pcm) - start)
        if woke is not None:
            silence_ms = self._gate.end_silence_ms or _END_SILENCE_MS
            length = min(length, silence_began(stream.pcm[start:], woke - start, silence_ms) or length)
        clip = self._clip(name, stream, start, start + length, now_ms)
        return [msgspec.structs.replace(clip, fault=stream.fault, muted=stream.muted)]


def _event_ms(stream: _Stream, now_ms: int) -> int:
    """The end of the stream's last sample in epoch milliseconds.

    The frames' own times come first. Without them it is the gateway's clock. In the first minute it may be later: the
    stream's start plus the length of its samples, where more audio came than time has passed.
    """
    last = stream.last
    if last is not None and last.at_ms is not None and not stream.order.still:
        return last.at_ms + len(last.pcm) // SAMPLE_BYTES * 1000 // RATE_HZ
    if now_ms - stream.began_ms > _FLUSH_MS:
        return now_ms
    return max(now_ms, stream.began_ms + (stream.gone + len(stream.pcm)) * 1000 // RATE_HZ)
