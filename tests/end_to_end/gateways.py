"""Real gateways, vaults and brokers as processes of a test's own, and devices that talk to them."""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import yaml

from gateway.contract.model import PRESETS
from gateway.files import write_private
from gateway.wire import (
    AsrToken,
    AudioFrame,
    Button,
    Receipt,
    SessionEnd,
    SessionStart,
    TokenTime,
    Topics,
    Transcript,
    encode_frame,
    encode_json,
)
from scenarios.model.ledger import join_tag
from scenarios.run.broker import Broker, start_broker
from scenarios.run.processes import Processes
from scenarios.run.target import mqtt_env, stored_clips, stored_count, with_user
from simulator.__main__ import trusting
from simulator.links.link import MqttLink

FRAME_BYTES = 2_560
JOIN_KEY = b"j" * 32
WORDS = "alexa call laura"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One utterance; `pcm` is noise nobody else makes, loud where the detector of known answers hears the word.

    `missing` frames are never sent.
    """

    session: str
    site: str
    keep: bool
    pcm: bytes
    trigger: Literal["wake", "button"] = "wake"
    pressed: bool = False
    missing: tuple[int, ...] = ()


def noise(rng: np.random.Generator, *, loud: bool, frames: int) -> bytes:
    """PCM with the wake word for the detector of known answers, or without."""
    loudest = 30_000 if loud else 15_000
    pcm: bytes = rng.integers(-loudest, loudest, frames * FRAME_BYTES // 2).astype("<i2").tobytes()
    return pcm


def rules(preset: str, *, gate: Mapping[str, Any], redact: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A preset for the detector of known answers, which only a contract of kind incident may have."""
    data: dict[str, Any] = yaml.safe_load((PRESETS / f"{preset}.yaml").read_text())
    data["kind"] = "incident"
    data["gate"] |= {"wake_model": "known-answers", "wake_threshold": 0.5, "verify": [], **gate}
    for part, values in redact.items():
        data["redact"][part] |= values
    return data


class System:
    """Broker, vault and gateways as processes, everything they write below `folder`.

    `homes` says which households there are and who consents; `program` runs a gateway's commands.
    """

    def __init__(
        self,
        processes: Processes,
        folder: Path,
        *,
        contract: Mapping[str, Any],
        homes: Mapping[str, bool],
        roots: Sequence[str] = ("",),
        devices: Mapping[str, str] | None = None,
        tls: bool = False,
        program: Sequence[str] = ("-m", "gateway"),
    ) -> None:
        self.processes, self.folder, self.kills, self._program = processes, folder, 0, program
        (folder / "tmp").mkdir()
        known = [
            {"household_id": f"H-{site}", "consent": consent, "devices": [{"site_id": site}]}
            for site, consent in homes.items()
        ]
        write_private(folder / "ids.json", msgspec.json.encode({"schema": 1, "households": known}))
        write_private(
            folder / "credentials.json",
            b'{"gateway": "gateway-token-000000000000", "review": "review-token-0000000000"}',
        )
        for role, token in (("gateway", b"gateway-token-000000000000"), ("review", b"review-token-0000000000")):
            write_private(folder / f"{role}.token", token)
        own = [(f"g{root}.key", b"g" * 32) for root in roots]
        for name, key in (("join.key", JOIN_KEY), ("v.key", b"v" * 32), *own):
            write_private(folder / name, key)
        (folder / "mine.yaml").write_text(yaml.safe_dump(dict(contract)))
        self.broker: Broker = start_broker(processes, folder, kind="mosquitto", roots=roots, devices=devices, tls=tls)
        vault = ["--identities", folder / "ids.json", "--socket", folder / "v.sock", "--contract", folder / "mine.yaml"]
        vault += ["--credentials", folder / "credentials.json", "--key-file", folder / "v.key"]
        processes.start("vault", self.command("vault", *vault), ready="vault", env=self._env)

    @property
    def _env(self) -> dict[str, str]:
        return {"TMPDIR": str(self.folder / "tmp"), "OMP_NUM_THREADS": "1"}

    def command(self, name: str, *options: object) -> list[str]:
        return [sys.executable, *self._program, name, *map(str, options)]

    def store(self, root: str = "") -> str:
        return f"sqlite:///{self.folder / f'clips{root}.db'}"

    def through(self, port: int) -> None:
        """From now on who connects goes by another port: that of a cable."""
        url = f"{self.broker.url.rsplit(':', 1)[0]}:{port}"
        self.broker = msgspec.structs.replace(self.broker, url=url)

    def start_gateway(self, root: str = "") -> None:
        options: list[str | Path]
        folder, role = self.folder, f"gateway-{root}" if root else "gateway"
        options = ["--broker", with_user(self.broker, role), "--store", self.store(root), "--topic-root", root]
        options += [
            "--contract",
            folder / "mine.yaml",
            "--vault",
            folder / "v.sock",
            "--key-file",
            folder / f"g{root}.key",
        ]
        options += ["--vault-token", folder / "gateway.token", "--join-key", folder / "join.key"]
        options += ["--ca", self.broker.ca] if self.broker.ca else []
        env = {**mqtt_env(self.broker, role), **self._env}
        self.processes.start(role, self.command("gateway", *options), ready="gateway ready", env=env)

    def kill_gateway(self) -> None:
        os.kill(self.processes.pid("gateway"), signal.SIGKILL)
        self.processes.stop("gateway")
        self.kills += 1
        self.start_gateway()

    def link(self, role: str, root: str = "", **more: Any) -> MqttLink:
        user = f"{role}-{root}" if root else role
        password, trust = self.broker.passwords[user], trusting(self.broker.ca)
        return MqttLink(self.broker.url, username=user, password=password, topic_root=root, tls=trust, **more)


class Fleet:
    """Devices that keep what they said in memory until its receipt, and send it again otherwise."""

    def __init__(self, link: MqttLink, root: str = "") -> None:
        self.link, self.topics = link, Topics(root)
        self.outcomes: dict[str, str] = {}
        self.receipts: list[tuple[str, Receipt]] = []

    def send(self, said: Said, number: int) -> None:
        at_ms = 10_000 * number
        start = SessionStart(session_id=said.session, at_ms=at_ms, trigger=said.trigger)
        self.link.send(self.topics.device(said.site, "session/start"), encode_json(start))
        if said.pressed:
            press = Button(session_id=said.session, at_ms=at_ms)
            self.link.send(self.topics.device(said.site, "button"), encode_json(press))
        frames = [said.pcm[at : at + FRAME_BYTES] for at in range(0, len(said.pcm), FRAME_BYTES)]
        for seq, pcm in enumerate(frames):
            if seq not in said.missing:
                frame = AudioFrame(pcm=pcm, seq=seq, at_ms=at_ms + 80 * seq)
                self.link.send(self.topics.frame(said.site, said.session), encode_frame(frame))
        end = SessionEnd(session_id=said.session, at_ms=at_ms, frames=len(frames))
        self.link.send(self.topics.device(said.site, "session/end"), encode_json(end))

    def listen(self) -> None:
        """Receipts that have come, without asking for a watermark: the gateway may be dead."""
        with self.link._changed:
            answers, self.link._receipts = self.link._receipts, []
        for topic, payload in answers:
            receipt = msgspec.json.decode(payload, type=Receipt)
            self.receipts.append((self.topics.split(topic)[1], receipt))
            if receipt.outcome in ("kept", "dropped"):
                self.outcomes[receipt.session_id] = receipt.outcome

    def settle(self, done: Callable[[], bool], timeout_s: float = 15.0) -> None:
        """Listen until `done`; an assertion when it is not in time."""
        until = time.monotonic() + timeout_s
        while not done():
            assert time.monotonic() < until, "no receipt"
            time.sleep(0.005)
            self.listen()

    def answered(self, session: str) -> bool:
        return any(receipt.session_id == session for _, receipt in self.receipts)


def hear(link: MqttLink, said: Said, root: str = "") -> None:
    """What the assistant makes of an utterance: three words, half a second each."""
    tokens, at = [], 0
    for number, word in enumerate(WORDS.split()):
        time_s = TokenTime(start=0.1 + 0.3 * number, end=0.35 + 0.3 * number)
        tokens.append(AsrToken(value=word, confidence=1.0, range_start=at, range_end=at + len(word), time=time_s))
        at += len(word) + 1
    made = Transcript(
        text=WORDS, likelihood=1.0, seconds=1.0, site_id=said.site, session_id=said.session, asr_tokens=[tokens]
    )
    link.send(Topics(root).transcript(), encode_json(made))


def stored_sessions(system: System, said: Sequence[Said], root: str = "") -> Counter[str]:
    """How often each session is in a store; what joins none of `said` under its tag."""
    names = {join_tag(JOIN_KEY, each.session): each.session for each in said}
    stored = Counter(names.get(clip.tag, clip.tag) for clip in stored_clips(system.store(root)))
    assert stored.total() == stored_count(system.store(root))
    return stored
