"""Who is ready and who is lost, with a stand-in for Locust's runners."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from earlid import locust_ready
from earlid.locust_ready import READY, Readiness


class Clients(dict[str, Any]):
    @property
    def ready(self) -> list[Any]:
        return list(self.values())


class MasterRunner:
    """Named as Locust's. `answers` maps a node to whether it answers when it is asked."""

    def __init__(self, **answers: bool) -> None:
        self.clients, self.answers, self.told = Clients(dict.fromkeys(answers, "")), answers, list[str]()
        self.stats = SimpleNamespace(clear_all=lambda: None)
        self.hear: Any = None

    def register_message(self, name: str, listener: Any) -> None:
        assert name == READY
        self.hear = listener

    def send_message(self, name: str, data: dict[str, Any], node: str) -> None:
        if data.get("ask") and self.answers[node]:
            self.say(node, here=True)

    def say(self, node: str, **data: bool) -> None:
        self.hear(msg=SimpleNamespace(node_id=node, data=data))


def _ready(runner: Any, expect: int = 1, web_ui: Any = None) -> Readiness:
    options = SimpleNamespace(expect_workers=expect, expect_workers_max_wait=0)
    return Readiness(SimpleNamespace(runner=runner, web_ui=web_ui, parsed_options=options))


@pytest.fixture(autouse=True)
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What happens while somebody waits, one step a nap; without gevent, whose time moves by naps."""
    left: list[Any] = []
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds
        if left:
            left.pop(0)()

    monkeypatch.setitem(sys.modules, "gevent", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr(locust_ready, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    return left


def test_a_master_waits_until_its_workers_are_ready(steps: list[Any]) -> None:
    runner = MasterRunner(one=True)
    readiness = _ready(runner)
    runner.say("one", ready=False)
    seen: list[str] = []
    steps += [lambda: seen.append("still"), lambda: runner.say("one", ready=True)]
    readiness.done()
    assert seen == ["still"]
    assert steps == []


def test_a_worker_that_does_not_watch_is_not_waited_for_long(steps: list[Any]) -> None:
    readiness = _ready(MasterRunner(mute=False))
    steps += [lambda: None] * 200
    readiness.done()
    assert 90 < 200 - len(steps) < 110, "five seconds of naps"


def test_with_a_web_ui_nobody_waits(steps: list[Any]) -> None:
    steps.append(lambda: pytest.fail("waited"))
    _ready(MasterRunner(mute=False), web_ui="here").done()


def test_who_does_not_answer_at_the_end_is_lost() -> None:
    runner = MasterRunner(here=True, killed=False, quiet=True, gone=False)
    readiness = _ready(runner)
    for node in ("here", "killed", "left", "gone"):
        runner.say(node, ready=True)
    runner.say("left", left=True)
    del runner.clients["gone"]  # Locust forgets a worker a minute after it went missing
    assert readiness.lost() == 2
    readiness.forget()
    assert readiness.lost() == 1, "of a second run: the one that Locust still lists"


def test_without_workers_nobody_is_lost() -> None:
    assert _ready(None).lost() == 0
