"""A mute switch that cannot be read or was lost counts as off, and a disk that is full stops nobody."""

import pytest

from gateway.wire import Mute, encode_json
from tests.gateway.world import TOPICS, World

ON = encode_json(Mute(muted=False, at_ms=0))


def said_after(world: World) -> list[tuple[str, str]]:
    """What the device is told of a request that it makes now."""
    world.say("s1", loud=True)
    world.hear("s1")
    return world.receipts()


@pytest.mark.parametrize(("payload", "bad"), [(b"{", 1), (b"", 0)])
def test_what_cannot_be_read_counts_as_off(payload: bytes, bad: int) -> None:
    """An empty one is how a broker's retained message is cleared: it is no bad message."""
    world = World()
    world.service.handle(TOPICS.device("kitchen", "mute"), payload)
    assert world.service.counts["bad_message"] == bad
    assert said_after(world) == [("dropped", "muted")]


@pytest.mark.parametrize("lost", [TOPICS.device("kitchen", "mute"), ""])
def test_a_lost_one_counts_as_off_until_the_next_says_on(lost: str) -> None:
    world = World()
    world.service.shed(lost, "kitchen")
    assert said_after(world) == [("dropped", "muted")]
    world.service.handle(TOPICS.device("kitchen", "mute"), ON)
    world.say("s2", loud=True)
    world.hear("s2")
    assert world.receipts()[-1][0] == "kept"


def test_a_stored_on_turns_no_microphone_on_that_was_switched_off_later() -> None:
    world = World()
    world.service.handle(TOPICS.device("kitchen", "mute"), encode_json(Mute(muted=True, at_ms=20)))
    world.service.handle(TOPICS.device("kitchen", "mute"), encode_json(Mute(muted=False, at_ms=10)), late=True)
    assert world.service.counts["stale_switch"] == 1
    assert said_after(world) == [("dropped", "muted")]


def test_a_full_disk_is_counted_and_the_gateway_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.intake.mute_switches.MuteSwitches.flush", full)
    assert said_after(world) == [("kept", "wake_word")]
    assert world.service.counts["broke:OSError"] > 0
