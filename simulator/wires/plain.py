"""A topic and a payload as somebody chose them: a WAV file, raw samples, or JSON with declared paths."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from gateway.wire import encode_wav
from simulator.wires.codec import Call, Message


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """`fields` maps a fact to its path in the JSON. Topics may hold {site} and {session}."""

    topic: str
    payload: Literal["json", "wav", "raw"] = "json"
    per: Literal["utterance", "frame"] = "utterance"
    audio: Literal["wav", "raw"] = "wav"
    fields: Mapping[str, str] = {}
    start: str | None = None
    end: str | None = None


class Plain:
    """One message an utterance or a frame, and where they are wanted one at its start and one at its end."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        tells = set(shape.fields) if shape.payload == "json" or shape.start or shape.end else set()
        self.carries = frozenset(told for told, fact in (("muted", "muted"), ("button", "trigger")) if fact in tells)

    def started(self, call: Call) -> Sequence[Message]:
        return [] if self._shape.start is None else [self._facts(self._shape.start, call)]

    def heard(self, call: Call, number: int, pcm: bytes) -> Sequence[Message]:
        if self._shape.per == "utterance":
            return []
        return [self._sound(call, pcm, {"number": number, "last": False})]

    def ended(self, call: Call) -> Sequence[Message]:
        shape = self._shape
        messages = []
        if shape.per == "utterance":
            messages.append(self._sound(call, call.pcm, {}))
        elif "last" in shape.fields:
            messages.append(self._sound(call, b"", {"number": len(call.pcm) // 2_560, "last": True}))
        if shape.end is not None:
            messages.append(self._facts(shape.end, call))
        return messages

    def _sound(self, call: Call, pcm: bytes, more: Mapping[str, Any]) -> Message:
        topic, shape = _filled(self._shape.topic, call), self._shape
        if shape.payload != "json":
            return topic, encode_wav(pcm) if shape.payload == "wav" else pcm
        sound = base64.b64encode(encode_wav(pcm) if shape.audio == "wav" else pcm).decode()
        return topic, _json(shape.fields, {**facts(call), **more, "audio": sound})

    def _facts(self, topic: str, call: Call) -> Message:
        return _filled(topic, call), _json(self._shape.fields, facts(call))


def facts(call: Call) -> dict[str, Any]:
    """What a JSON payload may say of a call, by the names that target files use."""
    return {
        "session": call.session_id,
        "site": call.site_id,
        "at_ms": call.at_ms,
        "text": call.text,
        "words": [{"text": word.text, "start": word.start, "end": word.end} for word in call.words],
        "muted": call.muted,
        "trigger": call.trigger,
        "serial": call.serial,
        "latitude": call.latitude,
        "longitude": call.longitude,
        "lang": call.lang,
    }


class AwsIot:
    """Telemetry as AWS's guide to MQTT topics names it: dt/<application>/<thing>/<type>; a frame a message, below the
    128 KB that AWS IoT Core takes. The microphone's switch is reported in the thing's shadow.

    Source: Designing MQTT Topics for AWS IoT Core (AWS whitepaper); Device Shadow MQTT topics (AWS IoT Core guide).
    """

    def __init__(self, application: str) -> None:
        self.carries = frozenset({"muted", "button"})
        self._application = application

    def started(self, call: Call) -> Sequence[Message]:
        said = {"session": call.session_id, "trigger": call.trigger, "serial": call.serial, "at_ms": call.at_ms}
        place = {"latitude": call.latitude, "longitude": call.longitude}
        return [self._shadow(call, muted=call.muted), self._telemetry(call, "start", {**said, **place})]

    def heard(self, call: Call, number: int, pcm: bytes) -> Sequence[Message]:
        sound = base64.b64encode(pcm).decode()
        return [self._telemetry(call, "audio", {"session": call.session_id, "number": number, "pcm": sound})]

    def ended(self, call: Call) -> Sequence[Message]:
        words = facts(call)["words"]
        said = self._telemetry(call, "end", {"session": call.session_id, "text": call.text, "words": words})
        return [said, self._shadow(call, muted=False)] if call.muted else [said]

    def _telemetry(self, call: Call, kind: str, body: Mapping[str, Any]) -> Message:
        return f"dt/{self._application}/{call.site_id}/{kind}", json.dumps(body).encode()

    def _shadow(self, call: Call, *, muted: bool) -> Message:
        reported = {"state": {"reported": {"microphone": "off" if muted else "on"}}}
        return f"$aws/things/{call.site_id}/shadow/update", json.dumps(reported).encode()


def _json(fields: Mapping[str, str], values: Mapping[str, Any]) -> bytes:
    """Values at their paths; a fact the values do not have is left out."""
    made: dict[str, Any] = {}
    for fact, path in fields.items():
        if fact not in values:
            continue
        here = made
        *parents, last = path.split(".")
        for part in parents:
            here = here.setdefault(part, {})
        here[last] = values[fact]
    return json.dumps(made).encode()


def _filled(topic: str, call: Call) -> str:
    return topic.replace("{site}", call.site_id).replace("{session}", call.session_id)
