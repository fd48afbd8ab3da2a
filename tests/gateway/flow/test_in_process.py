"""The gateway through a pipe: the same answers as its processes give, and nothing of a wrong line quoted."""

import io
from pathlib import Path

import msgspec
import pytest

from gateway.contract.model import load_contract, parse_contract
from gateway.files import BadFile
from gateway.flow.in_process import (
    Answered,
    Ask,
    Failed,
    InProcessGateway,
    Provision,
    Publish,
    Published,
    Read,
    serve_pipe,
)
from gateway.identities import Device, Household, Identities
from gateway.review.people.accounts import accounts_json, make_account
from gateway.wire import AudioFrame, Receipt, SessionEnd, SessionStart, Topics, decode_json, encode_frame, encode_json

TOPICS = Topics()


@pytest.fixture
def world(tmp_path: Path) -> InProcessGateway:
    (tmp_path / "accounts.json").write_bytes(accounts_json([make_account("ada", "reviewer", "correct horse")]))
    data = load_contract("amazon-2019-before").model_dump(by_alias=True)
    data["gate"] |= {"wake_model": "known-answers"}
    return InProcessGateway(type(load_contract("strict")).model_validate(data), accounts=tmp_path / "accounts.json")


def provision(folder: Path, name: str = "one") -> Provision:
    home = Household(household_id="H01", devices=(Device(site_id="kitchen", serial="G0A1"),))
    (folder / "identities.json").write_bytes(Identities(households=(home,)).to_json())
    return Provision(identities=str(folder / "identities.json"), store=f"sqlite:///{folder}/{name}.db")


def session() -> list[Publish]:
    start = SessionStart(session_id="s1", at_ms=5_000, trigger="wake")
    end = SessionEnd(session_id="s1", at_ms=6_000, frames=3)
    return [
        Publish(topic=TOPICS.device("kitchen", "session/start"), payload=encode_json(start)),
        Publish(topic=TOPICS.device("kitchen", "session/end"), payload=encode_json(end)),
        Publish(topic=TOPICS.watermark("ask", "t"), payload=b"{}"),
    ]


def conversation(world: InProcessGateway, *lines: bytes) -> list[bytes]:
    said = io.BytesIO()
    serve_pipe(world, io.BytesIO(b"\n".join(lines)), said)
    return said.getvalue().splitlines()


def test_a_session_gets_its_receipt_and_the_watermark_waits_for_it(world: InProcessGateway, tmp_path: Path) -> None:
    lines = [msgspec.json.encode(line) for line in (provision(tmp_path), *session())]
    ready, *answers = conversation(world, *lines)
    assert ready == b"pipe ready"
    published = [answer for line in answers for answer in msgspec.json.decode(line, type=Published).answers]
    receipts = [decode_json(payload, Receipt) for topic, payload in published if topic.endswith("/receipt")]
    assert [(each.outcome, each.reason) for each in receipts] == [("incomplete", "gap")]
    assert published[-1][0] == TOPICS.watermark("reached", "t")


def test_the_review_tool_answers_and_asks_for_a_sign_in(world: InProcessGateway, tmp_path: Path) -> None:
    lines = [msgspec.json.encode(line) for line in (provision(tmp_path), Ask(method="GET", path="/api/queue"))]
    answer = msgspec.json.decode(conversation(world, *lines)[-1], type=Answered)
    assert answer.status == 401
    assert ("cache-control", "no-store") in answer.headers


def test_each_world_is_empty_at_first_and_has_keys_of_its_own(world: InProcessGateway, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert world.provision(provision(tmp_path, name)) == Published()
        assert world.ask(Ask(method="GET", path="/healthz")).body == b"ok"
    world.close()


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"do": "nothing"}', b'{"do": "ask"}', b"\xff Marigold", b"Marigold"])
def test_a_wrong_line_is_answered_and_not_quoted(world: InProcessGateway, line: bytes) -> None:
    *_, answer = conversation(world, line)
    assert b"Marigold" not in answer
    assert msgspec.json.decode(answer, type=Failed).fault


def test_nothing_is_answered_before_a_world_is_there(world: InProcessGateway, tmp_path: Path) -> None:
    *_, first, second = conversation(world, *map(msgspec.json.encode, (session()[0], Ask(method="GET", path="/"))))
    assert b"provision first" in first
    assert b"provision first" in second
    missing = msgspec.json.encode(Provision(identities=str(tmp_path / "none.json"), store="sqlite://"))
    assert msgspec.json.decode(conversation(world, missing)[-1], type=Failed).fault


def test_the_second_stage_is_the_one_the_contract_names(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_bytes(accounts_json([make_account("ada", "reviewer", "correct horse")]))
    data = load_contract("strict").model_dump(by_alias=True)
    data["gate"] |= {"wake_model": "hey_jarvis", "verify_model": str(tmp_path / "gone.npz")}
    with pytest.raises(BadFile, match=r"gone\.npz: not a fitted verifier"):
        InProcessGateway(parse_contract(data, "mine"), accounts=tmp_path / "accounts.json")


def test_what_is_kept_is_read_without_the_review_tool(world: InProcessGateway, tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        world.read()
    world.provision(provision(tmp_path))
    assert world.read().clips == []
    started, ended, watermark = session()
    loud = (25_000).to_bytes(2, "little") * 8_000
    frames = [
        Publish(
            topic=TOPICS.frame("kitchen", "s1"),
            payload=encode_frame(AudioFrame(pcm=loud, seq=seq, at_ms=5_000 + 500 * seq)),
        )
        for seq in range(3)
    ]
    for line in (started, *frames, ended, watermark):
        world.publish(line)
    (clip,) = world.read().clips
    assert clip.ref
    assert clip.withheld is None
    assert clip.wav is not None
    assert len(clip.wav) > len(loud)
    said = msgspec.json.decode(conversation(world, msgspec.json.encode(Read()))[1])
    assert set(said["clips"][0]) == {"ref", "transcript", "withheld", "wav"}
