"""Hostile and broken devices. Each is a function from a site to the messages it sends.

Nothing they send may be kept. They forge what a client can forge on a broker without an ACL.
"""

import struct
from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from gateway.wire import (
    MAX_FRAME_BYTES,
    RATE_HZ,
    AudioFrame,
    Button,
    SessionEnd,
    SessionStart,
    Topics,
    encode_frame,
    encode_json,
    encode_wav,
)
from simulator.links.link import Message

_FRAME = 1_280
_AT_MS = 1_554_883_200_000


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A misbehaving device: its site id, topics, random generator and loudness."""

    topics: Topics
    site_id: str
    seed: int = 1
    loud: float = 300.0

    @property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)


def always_on(site: Site) -> Iterator[Message]:
    """Streams everything it hears, without sessions."""
    for pcm in _noise(site, 40):
        yield site.topics.frame(site.site_id), encode_wav(pcm)


def no_claim(site: Site) -> Iterator[Message]:
    """Sends audio and a session end without a session start."""
    yield from list(_session(site, "unclaimed"))[1:]


def no_wake_word(site: Site) -> Iterator[Message]:
    """Claims the wake word. The audio does not contain it."""
    yield from _session(site, "wordless")


def no_press(site: Site) -> Iterator[Message]:
    """Claims a button press and sends none."""
    yield from _session(site, "unpressed", trigger="button")


def pressed_elsewhen(site: Site) -> Iterator[Message]:
    """Opens a session with a button press of an hour ago."""
    press = Button(session_id="stale", at_ms=_AT_MS - 3_600_000)
    yield site.topics.device(site.site_id, "button"), encode_json(press)
    yield from _session(site, "stale", trigger="button")


def forged_hints(site: Site) -> Iterator[Message]:
    """Sends another device's siteId on every Hermes topic that has it only in the payload."""
    root = site.topics.transcript().removesuffix("earlid/assistant/transcript")
    said = {"siteId": site.site_id, "sessionId": "forged", "text": "alexa", "likelihood": 1.0, "modelId": "alexa"}
    hints = ("hotword/alexa/detected", "asr/startListening", "asr/stopListening", "asr/textCaptured")
    for name in (*hints, "dialogueManager/startSession", f"voiceActivity/{site.site_id}/vadUp"):
        yield f"{root}hermes/{name}", msgspec.json.encode(said)
    for pcm in _noise(site, 10):
        yield site.topics.frame(site.site_id, "forged"), encode_wav(pcm)


def wrong_rate(site: Site) -> Iterator[Message]:
    """Sends WAV in wrong formats: 8 kHz, 44.1 kHz, stereo, 8 bits."""
    for at, (rate, channels, width) in enumerate(((8_000, 1, 2), (44_100, 1, 2), (RATE_HZ, 2, 2), (RATE_HZ, 1, 1))):
        form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * width, channels * width, 8 * width)
        good = encode_wav(next(_noise(site, 1)))
        yield site.topics.frame(site.site_id, f"rate{at}"), good[:20] + form + good[36:]
        yield site.topics.device(site.site_id, "session/end"), _end(f"rate{at}", 1)


def giant_frames(site: Site) -> Iterator[Message]:
    """Frames of a megabyte."""
    yield from _only(site, "giant", encode_wav(bytes(16 * MAX_FRAME_BYTES)))


def empty_frames(site: Site) -> Iterator[Message]:
    """Frames without a sample, and messages without a byte."""
    yield from _only(site, "empty", encode_wav(b""))
    yield from _only(site, "nothing", b"")


def malformed_json(site: Site) -> Iterator[Message]:
    """Sends malformed JSON on every topic of a device: cut objects, wrong types, deep nesting, invalid UTF-8."""
    payloads = (b"{", b"null", b"[" * 50_000, b'{"sessionId": 7, "atMs": "x"}', b"\xff\xfe\x00", b"")
    for what in ("session/start", "session/end", "button", "mute", "context"):
        for payload in payloads:
            yield site.topics.device(site.site_id, what), payload
    for payload in payloads:
        yield site.topics.transcript(), payload


def malformed_riff(site: Site) -> Iterator[Message]:
    """Sends malformed WAV: cut short, with false lengths, and with random bytes."""
    good = encode_frame(AudioFrame(pcm=next(_noise(site, 1)), seq=0, at_ms=_AT_MS))
    lies = good[:40] + struct.pack("<I", 50_000) + good[44:]  # more than came, and no length of a streaming writer
    for at, frame in enumerate((good[:30], good[:-7], lies, site.rng.bytes(500))):
        yield from _only(site, f"riff{at}", frame)


def endless(site: Site) -> Iterator[Message]:
    """Sends ten minutes of audio in a session without an end."""
    yield from list(_session(site, "endless", frames=7_500))[:-1]


def replayed(site: Site) -> Iterator[Message]:
    """One session, then the same again ten times."""
    once = list(_session(site, "replayed"))
    for _ in range(11):
        yield from once


def many_sessions(site: Site) -> Iterator[Message]:
    """Five thousand sessions opened at once and none ended."""
    for at in range(5_000):
        yield next(_session(site, f"many{at}"))


# In the order a scenario runs them.
HOSTILE: dict[str, Callable[[Site], Iterator[Message]]] = {
    "always_on": always_on,
    "no_claim": no_claim,
    "no_wake_word": no_wake_word,
    "no_press": no_press,
    "pressed_elsewhen": pressed_elsewhen,
    "forged_hints": forged_hints,
    "wrong_rate": wrong_rate,
    "giant_frames": giant_frames,
    "empty_frames": empty_frames,
    "malformed_json": malformed_json,
    "malformed_riff": malformed_riff,
    "endless": endless,
    "replayed": replayed,
    "many_sessions": many_sessions,
}


def _session(site: Site, session_id: str, *, trigger: str = "wake", frames: int = 20) -> Iterator[Message]:
    start = msgspec.convert({"sessionId": session_id, "atMs": _AT_MS, "trigger": trigger}, SessionStart)
    yield site.topics.device(site.site_id, "session/start"), encode_json(start)
    for seq, pcm in enumerate(_noise(site, frames)):
        frame = AudioFrame(pcm=pcm, seq=seq, at_ms=_AT_MS + 80 * seq)
        yield site.topics.frame(site.site_id, session_id), encode_frame(frame)
    yield site.topics.device(site.site_id, "session/end"), _end(session_id, frames)


def _only(site: Site, session_id: str, frame: bytes) -> Iterator[Message]:
    yield site.topics.frame(site.site_id, session_id), frame
    yield site.topics.device(site.site_id, "session/end"), _end(session_id, 1)


def _end(session_id: str, frames: int) -> bytes:
    return encode_json(SessionEnd(session_id=session_id, at_ms=_AT_MS + 80 * frames, frames=frames))


def _noise(site: Site, frames: int) -> Iterator[bytes]:
    rng = site.rng
    for _ in range(frames):
        yield np.clip(rng.standard_normal(_FRAME) * site.loud, -32_768, 32_767).astype("<i2").tobytes()
