"""Hermes as Rhasspy and Snips speak it, without Earlid's own topics."""

import json
from collections.abc import Sequence

from gateway.wire import encode_wav
from simulator.wires.codec import EVERYTHING, Call, Message


class HermesOnly:
    """A wake word is `detected`; a button opens listening without one; a muted device has its wake word toggled off.

    The topics are those of Rhasspy's reference (https://rhasspy.readthedocs.io/en/latest/reference/#mqtt-api).
    """

    carries = EVERYTHING

    def __init__(self, root: str = "", wake_word: str = "default") -> None:
        self._prefix = f"{root.strip('/')}/" if root.strip("/") else ""
        self._wake_word = wake_word

    def started(self, call: Call) -> Sequence[Message]:
        of = {"siteId": call.site_id, "sessionId": call.session_id}
        messages = [self._said("hotword/toggleOff", {"siteId": call.site_id, "reason": ""})] if call.muted else []
        if call.trigger == "wake":
            detected = {"modelId": self._wake_word, "siteId": call.site_id, "sessionId": call.session_id}
            messages.append(self._said(f"hotword/{self._wake_word}/detected", detected))
        return [*messages, self._said("asr/startListening", {**of, "stopOnSilence": False, "sendAudioCaptured": False})]

    def heard(self, call: Call, _number: int, pcm: bytes) -> Sequence[Message]:
        topic = f"{self._prefix}hermes/audioServer/{call.site_id}/{call.session_id}/audioSessionFrame"
        return [(topic, encode_wav(pcm))]

    def ended(self, call: Call) -> Sequence[Message]:
        of = {"siteId": call.site_id, "sessionId": call.session_id}
        seconds = len(call.pcm) / 32_000
        words = [{"value": word.text, "time": {"start": word.start, "end": word.end}} for word in call.words]
        captured = {"text": call.text, "likelihood": 1.0, "seconds": seconds, **of, "asrTokens": [words]}
        messages = [self._said("asr/textCaptured", captured), self._said("asr/stopListening", of)]
        if call.muted:
            messages.append(self._said("hotword/toggleOn", {"siteId": call.site_id, "reason": ""}))
        return messages

    def _said(self, what: str, body: object) -> Message:
        return f"{self._prefix}hermes/{what}", json.dumps(body).encode()
