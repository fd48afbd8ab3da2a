"""Each wire, from a simulated fleet's messages to what a system's own client reads."""

import base64
import io
import json
import socket
import threading
import wave
from pathlib import Path
from typing import Any

import pytest

from gateway.files import BadFile
from gateway.wire import Topics, encode_json
from simulator.device.clock import Clock
from simulator.device.fleet import FleetSettings, Mix, plan_fleet, run_fleet
from simulator.links.link import Answer, LinkError
from simulator.plan.planned import SEND_ONCE
from simulator.wires.codec import Call, Codec
from simulator.wires.hermes_only import HermesOnly
from simulator.wires.own_codec import own_codec
from simulator.wires.plain import AwsIot, Plain, Shape
from simulator.wires.translated import Calls, TranslatedLink
from simulator.wires.wyoming import TcpLink, Wyoming
from simulator.world.households import make_identities
from simulator.world.truth import Truth

MIX = Mix(wake=0.4, button=0.2, false_wake=0.1, noise=0.0, muted=0.3)
FACTS = {"session": "call.id", "audio": "call.sound", "muted": "muted", "trigger": "how", "words": "words"}


class Sink:
    """A broker that remembers."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []

    def send(self, topic: str, payload: bytes) -> None:
        self.messages.append((topic, payload))

    def drain(self) -> list[Answer]:
        return []

    def close(self) -> None:
        pass

    def json(self, ending: str) -> list[dict[str, Any]]:
        return [json.loads(payload) for topic, payload in self.messages if topic.endswith(ending)]


def spoken(codec: Codec, households: int = 2) -> tuple[Sink, Truth]:
    settings = FleetSettings(seed=3, utterances_per_device=2, mix=MIX, wakes="every_sound", habits=SEND_ONCE)
    plan = plan_fleet(settings, make_identities(seed=3, households=households))
    sink, calls = Sink(), Calls()
    line = TranslatedLink(sink, codec, calls)
    truth = run_fleet(plan, link=line, transcripts=TranslatedLink(sink, codec, calls), clock=Clock(factor=100_000.0))
    return sink, truth


def samples(wav: bytes) -> int:
    with wave.open(io.BytesIO(wav)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        return sound.getnframes()


def test_json_holds_every_utterance_whole_where_it_was_asked_for() -> None:
    sink, truth = spoken(Plain(Shape(topic="voice/{site}/said", fields=FACTS)))
    said = {message["call"]["id"]: message for message in sink.json("/said")}
    assert len(said) == len(truth.utterances) == len(sink.messages)
    for each in truth.utterances:
        message = said[each.session_id]
        assert samples(base64.b64decode(message["call"]["sound"])) * 1_000 // 16_000 == each.duration_ms
        assert message["muted"] is (each.kind == "muted")
        assert (message["how"] == "button") is (each.kind == "button")
        assert bool(message["words"]) is bool(each.words)


@pytest.mark.parametrize("payload", ["wav", "raw"])
def test_a_payload_without_json_is_the_sound(payload: Any) -> None:
    codec = Plain(Shape(topic="{site}/{session}", payload=payload))
    assert codec.carries == frozenset()
    sink, truth = spoken(codec)
    sizes = sorted(samples(body) if payload == "wav" else len(body) // 2 for _, body in sink.messages)
    assert sizes == sorted(each.duration_ms * 16 for each in truth.utterances)


def test_frames_are_numbered_and_the_last_says_so() -> None:
    fields = {**FACTS, "number": "n", "last": "end"}
    sink, truth = spoken(Plain(Shape(topic="{site}/f", per="frame", audio="raw", fields=fields)), households=1)
    of: dict[str, list[dict[str, Any]]] = {}
    for message in sink.json("/f"):
        of.setdefault(message["call"]["id"], []).append(message)
    assert set(of) == {each.session_id for each in truth.utterances}
    for messages in of.values():
        assert [message["n"] for message in messages] == list(range(len(messages)))
        assert [message["end"] for message in messages] == [False] * (len(messages) - 1) + [True]


def test_start_and_end_messages_stand_around_frames() -> None:
    shape = Shape(topic="{site}/a", payload="wav", per="frame", start="{site}/start", end="{site}/end", fields=FACTS)
    sink, truth = spoken(Plain(shape), households=1)
    order = [topic.rsplit("/", 1)[1] for topic, _ in sink.messages]
    assert order[0] == "start"
    assert order[-1] == "end"
    assert order.count("start") == len(truth.utterances)


def test_hermes_only_says_nothing_of_earlids() -> None:
    sink, truth = spoken(HermesOnly())
    assert sink.messages
    assert all(topic.startswith("hermes/") for topic, _ in sink.messages)
    stopped = {message["sessionId"] for message in sink.json("asr/stopListening")}
    assert stopped == {each.session_id for each in truth.utterances}
    assert len(sink.json("hotword/toggleOff")) == sum(each.kind == "muted" for each in truth.utterances)
    woken = sum(topic.endswith("/detected") for topic, _ in sink.messages)
    assert woken == sum(each.kind != "button" for each in truth.utterances)


def test_aws_iot_keeps_below_its_limit_and_reports_the_switch_in_the_shadow() -> None:
    sink, truth = spoken(AwsIot("voice"))
    assert max(len(body) for _, body in sink.messages) < 128 * 1024
    reported = [message["state"]["reported"]["microphone"] for message in sink.json("/shadow/update")]
    assert reported.count("off") == sum(each.kind == "muted" for each in truth.utterances)
    assert {message["session"] for message in sink.json("/end")} == {each.session_id for each in truth.utterances}


def test_wyoming_reaches_a_server_that_reads_the_published_format() -> None:
    heard: list[list[tuple[str, int]]] = []

    def serve(server: socket.socket) -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line, line.makefile("rb") as stream:
                events = []
                for head in stream:
                    said = json.loads(head)
                    events.append((said["type"], len(stream.read(said.get("payload_length", 0)))))
                heard.append(events)
                line.sendall(b'{"type": "transcript", "data": {"text": ""}}\n')

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        link = TcpLink(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        line = TranslatedLink(link, Wyoming(), Calls())
        for message in call_messages():
            line.send(*message)
        link.close()
    assert heard == [[("transcribe", 0), ("audio-start", 0), ("audio-chunk", 2_560), ("audio-stop", 0)]]


def test_nobody_at_a_wyoming_address_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(LinkError, match=rf"^tcp://127.0.0.1:{port}: "):
        TcpLink(f"tcp://127.0.0.1:{port}").send("s", b"x")


def call_messages() -> list[tuple[str, bytes]]:
    """One call of one frame."""
    from gateway.wire import AudioFrame, SessionEnd, SessionStart, encode_frame

    topics = Topics()
    return [
        (topics.device("kitchen", "session/start"), encode_json(SessionStart(session_id="s", at_ms=1, trigger="wake"))),
        (topics.frame("kitchen", "s"), encode_frame(AudioFrame(pcm=bytes(2_560), seq=0, at_ms=1))),
        (topics.device("kitchen", "session/end"), encode_json(SessionEnd(session_id="s", at_ms=81, frames=1))),
    ]


OWN = """
class Mine:
    carries = {"muted"}

    def started(self, call):
        return []

    def heard(self, call, number, pcm):
        return [(f"mine/{call.site_id}", pcm)]

    def ended(self, call):
        raise RuntimeError(call.session_id) if BROKEN else None
"""


def test_a_codec_of_ones_own_is_found_beside_the_target_and_its_fault_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("BROKEN = True\n" + OWN)
    sink = Sink()
    line = TranslatedLink(sink, own_codec("mine.Mine", tmp_path), Calls())
    *first, end = call_messages()
    for message in first:
        line.send(*message)
    assert sink.messages == [("mine/kitchen", bytes(2_560))]
    with pytest.raises(LinkError, match=r"^codec: Mine raises RuntimeError \(line \d+\)$"):
        line.send(*end)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("class Mine:\n    def started(self, call): ...\n", "has no heard"),
        ("class Other: ...\n", "mine has no Mine"),
        ("raise ValueError('a secret')\n", "mine raises ValueError when it is read"),
        ("class Mine:\n    def __init__(self, x): ...\n", "raises TypeError"),
    ],
)
def test_a_codec_that_is_none_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(BadFile, match=says) as caught:
        own_codec("mine.Mine", tmp_path)
    assert "a secret" not in str(caught.value)


def test_damaged_messages_and_repeated_ends_are_nobodys_call() -> None:
    sink = Sink()
    line = TranslatedLink(sink, Plain(Shape(topic="t", payload="raw")), Calls())
    start, frame, end = call_messages()
    for message in (start, frame, (frame[0], frame[1][:20]), (start[0], b"{"), end, end):
        line.send(*message)
    assert [len(body) for _, body in sink.messages] == [2_560]
    assert Call(site_id="a", session_id="b").pcm == b""


def test_the_documented_codec_works_as_the_page_says(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "scenarios" / "docs" / "targets.md").read_text(encoding="utf-8")
    (tmp_path / "mine.py").write_text(page.split("```python\n")[1].split("```")[0])
    sink = Sink()
    codec = own_codec("mine.Mine", tmp_path)
    assert "button" not in codec.carries
    line = TranslatedLink(sink, codec, Calls())
    for message in call_messages():
        line.send(*message)
    assert [topic for topic, _ in sink.messages] == ["radio/kitchen/open", "radio/kitchen/pcm", "radio/kitchen/close"]
    assert sink.json("/close") == [{"id": "s", "text": ""}]
