"""One gateway in memory, and a device that talks to it: what the tests of the service drive."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from gateway.clip import RedactedClip
from gateway.contract.model import Contract, load_contract, parse_contract
from gateway.flow.service import Dependencies, Service
from gateway.gate.wake import KnownAnswers
from gateway.intake.mute_switches import MuteSwitches
from gateway.redact.sound.align import WordTime
from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import SiteFacts
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
    decode_json,
    encode_frame,
    encode_json,
)

TOPICS = Topics()
FACTS = SiteFacts(
    household_key="k", consent=True, serial="G0A1", city="Ashland", state="Oregon", names=("Laura",), latitude=42.19
)
SILENT_HOME = SiteFacts(household_key="q", consent=False)


def without_second_stage(name: str, **gate: Any) -> Contract:
    """A preset for the detector of known answers, which has nothing to verify."""
    data = load_contract(name).model_dump(by_alias=True)
    data["gate"] |= {"verify": (), "end_silence_ms": None} | gate
    return parse_contract(data, name)


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.clips: dict[str, RedactedClip] = {}
        self.tags: list[str | None] = []

    def put(self, clip: RedactedClip, *, session_key: str, join_tag: str | None = None) -> bool:
        self.tags.append(join_tag)
        return self.clips.setdefault(session_key, clip) is clip

    def has_session(self, session_key: str) -> bool:
        return session_key in self.clips


class Believing:
    """An aligner that finds the words where `World.hear` says they are."""

    def align(self, pcm: bytes, words: Sequence[str]) -> list[WordTime] | None:
        return [WordTime(start=6_400 * at, end=6_400 * at + 5_600) for at in range(len(words))]


class World:
    def __init__(
        self, contract: Contract | str = "strict", vault: Any = None, switches: MuteSwitches | None = None
    ) -> None:
        self.shelf, self.now = Shelf(), 0.0
        self.service = Service(
            Dependencies(
                contract=without_second_stage(contract) if isinstance(contract, str) else contract,
                detector=KnownAnswers(),
                vault=vault or InMemoryVault({"kitchen": FACTS, "quiet": SILENT_HOME}),
                store=self.shelf,
                population={("ashland", "oregon"): 20_861},
                key=b"k" * 32,
                now=lambda: datetime(2019, 4, 10, 12, 30, tzinfo=UTC),
                aligner=Believing(),
                join_key=b"j" * 32,
                switches=switches or MuteSwitches(),
                monotonic=lambda: self.now,
            )
        )

    def tell(self, what: str, message: Any, site: str = "kitchen") -> list[tuple[str, bytes]]:
        return self.service.handle(TOPICS.device(site, what), encode_json(message))

    def say(self, session: str, *, loud: bool, site: str = "kitchen", button: bool = False, frames: int = 40) -> None:
        """One session of `frames` frames: loud audio has the wake word for the detector of known answers."""
        rng = np.random.default_rng(1)
        levels = rng.integers(20_500, 26_000, frames) // (1 if loud else 30)
        trigger: Any = "button" if button else "wake"
        self.tell("session/start", SessionStart(session_id=session, at_ms=5_000, trigger=trigger), site)
        if button:
            self.tell("button", Button(session_id=session, at_ms=5_100), site)
        for seq in range(frames):
            pcm = (levels[seq] * rng.choice((-1, 1), 1_280)).astype(np.int16).tobytes()
            frame = AudioFrame(pcm=pcm, seq=seq, at_ms=5_000 + 80 * seq)
            self.service.handle(TOPICS.frame(site, session), encode_frame(frame))
        self.tell("session/end", SessionEnd(session_id=session, at_ms=9_000, frames=frames), site)

    def hear(self, session: str, words: str = "alexa call laura", site: str = "kitchen") -> None:
        tokens, at = [], 0
        for number, word in enumerate(words.split()):
            time = TokenTime(start=0.4 * number, end=0.4 * number + 0.35)
            tokens.append(AsrToken(value=word, confidence=1.0, range_start=at, range_end=at + len(word), time=time))
            at += len(word) + 1
        message = Transcript(
            text=words, likelihood=1.0, seconds=3.2, site_id=site, session_id=session, asr_tokens=[tokens]
        )
        self.service.handle(TOPICS.transcript(), encode_json(message))

    def receipts(self) -> list[tuple[str, str]]:
        """Let the waiting time pass; (outcome, reason) of what is settled."""
        self.now += 100.0
        said = [decode_json(payload, Receipt) for topic, payload in self.service.settle() if topic.endswith("receipt")]
        return [(receipt.outcome, receipt.reason) for receipt in said]
