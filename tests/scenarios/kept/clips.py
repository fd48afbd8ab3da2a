"""Clips and truths of a line."""

from scenarios.kept.read.clip import KeptClip
from simulator.world.truth import Truth
from tests.scenarios.world import said


def clip(label: str, **more: str | None) -> KeptClip:
    return KeptClip(label=label, session=more.get("session"), text=more.get("text"), record=b"{}")


def truth(*texts: str) -> Truth:
    return Truth(
        seed=1, utterances=tuple(said(f"H0{at}-D1-001", text=text) for at, text in enumerate(texts, 1)), deliveries=()
    )
