"""The questions about reviewers' work, put to a review tool of a few lines."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from gateway.contract.model import load_contract
from scenarios.run.access import Access


class Tool:
    """Clips that two people are to see. `open_elsewhere` are in somebody else's hands; `once` shows each clip once."""

    def __init__(self, open_elsewhere: set[str], *, once: bool = False) -> None:
        self.clips = ["a", "b", "c"]
        self.elsewhere, self.once = open_elsewhere, once
        self.done: dict[str, list[tuple[str, Any]]] = {ref: [] for ref in self.clips}
        self.given: dict[str, set[str]] = {"probe-one": set(), "probe-two": set(), "probe-lead": set()}

    def client(self, name: str) -> httpx.Client:
        return httpx.Client(base_url="http://tool", transport=httpx.MockTransport(lambda said: self.answer(name, said)))

    def answer(self, name: str, said: httpx.Request) -> httpx.Response:
        path = said.url.path
        if path == "/api/next":
            return httpx.Response(200, json={"ref": self.next(name)})
        ref = path.split("/")[3]
        if path.endswith("/annotations"):
            self.done[ref].append((name, json.loads(said.content)))
            return httpx.Response(201)
        own = [work for who, work in self.done[ref] if name == "probe-lead" or who == name]
        return httpx.Response(200, json={"audio": True, "annotations": own})

    def next(self, name: str) -> str | None:
        for ref in self.clips:
            busy = name == "probe-two" and (ref in self.elsewhere or (self.once and self.done[ref]))
            if ref not in self.given[name] and not busy:
                self.given[name].add(ref)
                return ref
        return None


@pytest.mark.parametrize(
    ("tool", "held"),
    [(Tool(set()), True), (Tool({"a"}), True), (Tool({"a", "b"}), True), (Tool(set(), once=True), False)],
)
def test_a_clip_that_somebody_has_open_does_not_say_that_no_second_person_sees_one(
    tool: Tool, held: bool, tmp_path: Path
) -> None:
    strict = load_contract("strict")
    twice = strict.model_copy(update={"review": strict.review.model_copy(update={"reviews_per_clip": 2})})
    target: Any = SimpleNamespace(probes=(), review_url="http://tool")
    access = Access(target, tmp_path, twice)
    access._open = {name: tool.client(name) for name in tool.given}
    found = {probe.asked: probe.held for probe in access._work()}
    assert found["the clip is offered to a second one"] is held
    assert all(found.values()) is held
