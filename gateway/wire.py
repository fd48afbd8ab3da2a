"""MQTT topics and codecs of devices, assistant and gateway: Rhasspy/Snips Hermes, plus topics of Earlid.

Audio is sent as in Hermes: one complete WAV per message. A device's own messages are sent under
`earlid/<siteId>/...`, which a broker's ACL can bind to that device. docs/mqtt-door.md is the reference.
"""

import re
import struct
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from gateway.reasons import REASONS as REASONS
from gateway.reasons import Outcome
from gateway.wav import MAX_FRAME_BYTES as MAX_FRAME_BYTES
from gateway.wav import ORDER, ORDER_CHUNK, decode_wav
from gateway.wav import RATE_HZ as RATE_HZ
from gateway.wav import SAMPLE_BYTES as SAMPLE_BYTES
from gateway.wav import WireError as WireError
from gateway.wav import encode_wav as encode_wav

T = TypeVar("T", bound=msgspec.Struct)

# Site and session ids: what MQTT lets stand in one level of a topic (OASIS MQTT 3.1.1, 1.5.3 and 4.7), and no longer
# than a bounded memory can hold many of.
MAX_NAME = 512  # characters
SITE_ID_PATTERN = rf"^[^/+#\x00-\x1f\x7f-\x9f]{{1,{MAX_NAME}}}$"
RESERVED_SITE_IDS = frozenset({"assistant", "gateway"})
MAX_JSON_BYTES = 64 * 1024
MAX_TOPIC_BYTES = 8_192  # a root, two names of four bytes a character, and what Hermes puts between them
MAX_FRAMES = 20_000  # of one session, whatever they hold

_ORDER_VERSION = 1
_SESSION_ID = re.compile(rb'"sessionId"\s*:\s*("(?:[^"\\]|\\.)*")')


Name = Annotated[str, Meta(pattern=SITE_ID_PATTERN[:-1] + r"\Z")]  # Python's $ lets a line's end follow
Millis = Annotated[int, Meta(ge=-(2**53), le=2**53)]  # event time; what JSON's readers agree on


class AudioFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One message of audio. `pcm` is int16 little-endian mono at 16 kHz.

    `seq` counts from 0 within a session; `at_ms` is the device's event time of the first sample.
    Both are None if the client does not send them. Its frames are then used in the order of arrival.
    """

    pcm: bytes
    seq: int | None = None
    at_ms: int | None = None


class SessionStart(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`earlid/<siteId>/session/start`. `trigger` is the device's claim; only a press message proves a button."""

    session_id: Name
    at_ms: Millis
    trigger: Literal["wake", "button"]


class SessionEnd(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`earlid/<siteId>/session/end`. `frames` is how many frames were sent: fewer received means a gap."""

    session_id: Name
    at_ms: Millis
    frames: Annotated[int, Meta(ge=0, le=MAX_FRAMES)]


class Button(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`earlid/<siteId>/button`: the action button was pressed at `at_ms` and opened `session_id`."""

    session_id: Name
    at_ms: Millis


class Mute(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`earlid/<siteId>/mute`: the microphone switch."""

    muted: bool
    at_ms: Millis


class Context(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`earlid/<siteId>/context`: the device's serial and place; never retained. Degrees, WGS 84."""

    serial: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`earlid/<siteId>/receipt`, gateway to device. `reason` is one of `REASONS`."""

    session_id: str
    outcome: Outcome
    reason: str


class StopListening(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`hermes/asr/stopListening`, a message of Hermes. It can only end a Hermes session early. Without a session id it
    ends all sessions of the site."""

    site_id: Name = "default"
    session_id: Name | None = None


class TokenTime(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Seconds from the first sample of the session."""

    start: float
    end: float


class AsrToken(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One word; `range_start` and `range_end` are character offsets into the text."""

    value: str
    confidence: float
    range_start: int
    range_end: int
    time: TokenTime


class Transcript(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`earlid/assistant/transcript`, in the shape of Hermes' `textCaptured`, under the assistant's credential.

    `lang` is a language tag such as "en" or "es-MX"; None where the assistant does not say.
    """

    text: str
    likelihood: float
    seconds: float
    site_id: Name
    session_id: Name
    asr_tokens: list[list[AsrToken]] = []
    lang: str | None = None


class Watermark(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Asked on `earlid/gateway/watermark/ask/<token>` and answered on `.../reached/<token>`.

    The answer says that every session whose end came before the question has its outcome.
    """

    settled: int


class Counted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Asked on `earlid/gateway/counts/ask/<token>` and answered on `.../told/<token>`: counts by
    `outcome:reason`.

    They are totals over all devices since the gateway started. They are never written to a disk.
    """

    counts: dict[str, int]


class Topics:
    """Topic names under an optional root: one root per gateway instance on a shared broker."""

    def __init__(self, root: str = "") -> None:
        self._prefix = f"{root.strip('/')}/" if root.strip("/") else ""

    def frame(self, site_id: str, session_id: str | None = None) -> str:
        """Hermes audio: `audioSessionFrame` within a session, plain `audioFrame` without."""
        if session_id is None:
            return f"{self._prefix}hermes/audioServer/{site_id}/audioFrame"
        return f"{self._prefix}hermes/audioServer/{site_id}/{session_id}/audioSessionFrame"

    def device(self, site_id: str, what: str) -> str:
        """`what` is session/start, session/end, button, mute, context or receipt."""
        return f"{self._prefix}earlid/{site_id}/{what}"

    def transcript(self) -> str:
        return f"{self._prefix}earlid/assistant/transcript"

    def stop_listening(self) -> str:
        return f"{self._prefix}hermes/asr/stopListening"

    def watermark(self, step: Literal["ask", "reached"], token: str) -> str:
        return f"{self._prefix}earlid/gateway/watermark/{step}/{token}"

    def is_watermark(self, topic: str) -> bool:
        """Whether the topic is a watermark question. It must be handled after all earlier messages."""
        return topic.startswith(f"{self._prefix}earlid/gateway/watermark/ask/")

    def is_mute(self, topic: str) -> bool:
        """Whether the topic is a mute switch. A flood must not keep it out."""
        return topic.startswith(f"{self._prefix}earlid/") and topic.endswith("/mute")

    def retains(self, topic: str, payload: bytes) -> bool:
        """Whether a device publishes this retained: a switch to off, or the empty message that clears it."""
        return self.is_mute(topic) and says_off(payload)

    def counts(self, step: Literal["ask", "told"], token: str) -> str:
        return f"{self._prefix}earlid/gateway/counts/{step}/{token}"

    def status(self, step: Literal["ask", "told"], token: str) -> str:
        return f"{self._prefix}earlid/gateway/status/{step}/{token}"

    def for_gateway(self) -> list[str]:
        """The topics that a gateway subscribes to."""
        names = ["hermes/audioServer/+/audioFrame", "hermes/audioServer/+/+/audioSessionFrame"]
        names += [f"earlid/+/{what}" for what in ("session/start", "session/end", "button", "mute", "context")]
        names += ["hermes/asr/stopListening", "earlid/gateway/status/ask/+"]
        names += ["earlid/assistant/transcript", "earlid/gateway/watermark/ask/+", "earlid/gateway/counts/ask/+"]
        return [self._prefix + name for name in names]

    def device_of(self, topic: str) -> str:
        """The site id of a topic. Empty for topics without one: transcripts, questions, and Hermes' `stopListening`,
        which names its site in the payload."""
        match self.split(topic):
            case ["earlid", "assistant", "transcript"]:
                return ""
            case ["earlid", "gateway", "watermark" | "counts" | "status", "ask", _]:
                return ""
            case ["hermes", "audioServer", site, *_] | ["earlid", site, *_]:
                return site
        return ""

    def split(self, topic: str) -> list[str]:
        """The levels of the topic below the root. Empty if the topic is outside the root."""
        return topic[len(self._prefix) :].split("/") if topic.startswith(self._prefix) else []


def encode_json(message: msgspec.Struct) -> bytes:
    return msgspec.json.encode(message)


def decode_json(payload: bytes, kind: type[T]) -> T:
    """Decode a JSON message. Unknown keys are ignored, because Hermes clients send more. Wrong types are errors.

    A whole number may have any form: 1700000000000, 1.7e12 and 1700000000000.0 are the same.

    Raises:
        WireError: not JSON of that shape, or over MAX_JSON_BYTES.
    """
    if len(payload) > MAX_JSON_BYTES:
        raise WireError(f"{kind.__name__}: over {MAX_JSON_BYTES} bytes")
    try:
        return _decoded(payload, kind)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"{kind.__name__}: not the published shape") from error


def _decoded(payload: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(payload, type=kind)
    except msgspec.ValidationError:
        said = msgspec.json.decode(payload)
        if not isinstance(said, dict):
            raise
        whole = {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in said.items()}
        return msgspec.convert(whole, kind)


def says_off(payload: bytes) -> bool:
    """Whether a mute switch says off. An unreadable one counts as off."""
    try:
        return decode_json(payload, Mute).muted
    except WireError:
        return True


def session_named(payload: bytes) -> str:
    """The session id in a message that has not its published shape. Empty if there is none."""
    found = _SESSION_ID.search(payload[:MAX_TOPIC_BYTES])
    try:
        return msgspec.json.decode(found[1], type=str) if found else ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def encode_frame(frame: AudioFrame) -> bytes:
    """Encode a frame as WAV. Sequence number and event time go into a chunk after `data` if both are set."""
    if frame.seq is None or frame.at_ms is None:
        return encode_wav(frame.pcm)
    order = ORDER.pack(_ORDER_VERSION, frame.seq, frame.at_ms)
    return encode_wav(frame.pcm, struct.pack("<4sI", ORDER_CHUNK, len(order)) + order)


def decode_frame(payload: bytes) -> AudioFrame:
    """Decode a WAV frame of 16 kHz 16-bit mono PCM. Chunks may have any order.

    Raises:
        WireError: truncated, another format, no data, or over MAX_FRAME_BYTES.
    """
    pcm, order = decode_wav(payload)
    seq, at_ms = _order(order)
    return AudioFrame(pcm=pcm, seq=seq, at_ms=at_ms)


def _order(chunk: bytes | None) -> tuple[int | None, int | None]:
    if chunk is None:
        return None, None
    if len(chunk) != ORDER.size or chunk[0] != _ORDER_VERSION:
        raise WireError("frame: order chunk of another version")
    _, seq, at_ms = ORDER.unpack(chunk)
    return seq, at_ms
