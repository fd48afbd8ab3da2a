"""Devices' messages -> calls -> a codec's messages, on the link they are sent over."""

import traceback
from collections.abc import Callable, Iterable

import msgspec

from gateway.wire import (
    Context,
    SessionEnd,
    SessionStart,
    Topics,
    Transcript,
    WireError,
    decode_frame,
    decode_json,
    says_off,
)
from simulator.links.link import Answer, Link, LinkError
from simulator.wires.codec import Call, Codec, Message, Word


class _Under(msgspec.Struct, kw_only=True):
    """A call under way."""

    call: Call
    pcm: bytearray
    frames: int = 0


class Calls:
    """What is known of every device and call; the devices' link and the assistant's share it."""

    def __init__(self) -> None:
        self.contexts: dict[str, Context] = {}
        self.muted: dict[str, bool] = {}
        self.transcripts: dict[str, Transcript] = {}
        self.under_way: dict[tuple[str, str], _Under] = {}


class TranslatedLink:
    """A link around the one to the system. Messages that are not a device's are dropped: nobody there knows them."""

    def __init__(self, inner: Link, codec: Codec, calls: Calls) -> None:
        self._inner, self._codec, self._calls = inner, codec, calls
        self._topics = Topics()

    def send(self, topic: str, payload: bytes) -> None:
        try:
            match self._topics.split(topic):
                case ["hermes", "audioServer", site, session, "audioSessionFrame"]:
                    self._frame(site, session, payload)
                case ["earlid", site, "session", "start"]:
                    start = decode_json(payload, SessionStart)
                    self._begin(site, start.session_id, start.at_ms, start)
                case ["earlid", site, "session", "end"]:
                    self._end(site, decode_json(payload, SessionEnd))
                case ["earlid", site, "mute"]:
                    self._calls.muted[site] = says_off(payload) and payload != b""
                case ["earlid", site, "context"]:
                    self._calls.contexts[site] = decode_json(payload, Context)
                case ["earlid", "assistant", "transcript"]:
                    said = decode_json(payload, Transcript)
                    self._calls.transcripts[said.session_id] = said
        except WireError:
            return  # a fault damaged it on its way

    def drain(self) -> list[Answer]:
        return self._inner.drain()

    def close(self) -> None:
        """The link it talks over is closed by whoever opened it."""

    def _begin(self, site: str, session: str, at_ms: int, start: SessionStart | None) -> _Under:
        context = self._calls.contexts.get(site, Context())
        call = Call(
            site_id=site,
            session_id=session,
            at_ms=at_ms,
            trigger=start.trigger if start else "wake",
            muted=self._calls.muted.get(site, False),
            serial=context.serial,
            latitude=context.latitude,
            longitude=context.longitude,
        )
        made = self._calls.under_way[site, session] = _Under(call=call, pcm=bytearray())
        self._publish(lambda: self._codec.started(call))
        return made

    def _frame(self, site: str, session: str, payload: bytes) -> None:
        frame = decode_frame(payload)
        under = self._calls.under_way.get((site, session)) or self._begin(site, session, frame.at_ms or 0, None)
        number = under.frames if frame.seq is None else frame.seq
        under.frames, under.pcm = under.frames + 1, under.pcm + frame.pcm
        self._publish(lambda: self._codec.heard(under.call, number, frame.pcm))

    def _end(self, site: str, end: SessionEnd) -> None:
        under = self._calls.under_way.pop((site, end.session_id), None)
        if under is None:
            return  # ended already: a repeated message
        said = self._calls.transcripts.pop(end.session_id, None)
        tokens = [token for best in (said.asr_tokens[:1] if said else []) for token in best]
        call = msgspec.structs.replace(
            under.call,
            text=said.text if said else "",
            lang=said.lang if said else None,
            words=tuple(Word(text=each.value, start=each.time.start, end=each.time.end) for each in tokens),
            pcm=bytes(under.pcm),
        )
        self._publish(lambda: self._codec.ended(call))

    def _publish(self, made: Callable[[], Iterable[Message]]) -> None:
        try:
            messages = [(topic, bytes(payload)) for topic, payload in made()]
        except Exception as error:  # a codec may be a user's own code; its text may quote a call
            name = type(self._codec).__name__
            line = traceback.extract_tb(error.__traceback__)[-1].lineno
            raise LinkError(f"codec: {name} raises {type(error).__name__} (line {line})") from None
        for topic, payload in messages:
            self._inner.send(topic, payload)
