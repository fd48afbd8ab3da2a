"""A fleet end to end: truth for every utterance, the same whatever the link, the clock or the retries."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.identities import Identities
from simulator.device.clock import Clock
from simulator.device.fleet import FleetSettings, Plan, plan_fleet, run_fleet
from simulator.links.link import LinkError, MemoryLink
from simulator.sound.scenes import render
from simulator.world.truth import Truth


@pytest.fixture(scope="module")
def plan(identities: Identities) -> Plan:
    few = identities.model_copy(update={"households": identities.households[:4]})
    return plan_fleet(FleetSettings(utterances_per_device=2), few)


def _run(plan: Plan, gateway: Any, **options: Any) -> Truth:
    return run_fleet(plan, link=MemoryLink(gateway.handle), transcripts=MemoryLink(gateway.handle), **options)


def test_every_planned_utterance_is_in_the_truth_with_its_delivery(plan: Plan, scripted: Callable[..., Any]) -> None:
    steps: list[tuple[int, int]] = []

    truth = _run(plan, scripted("dropped"), on_progress=lambda done, total: steps.append((done, total)))

    planned = sorted(said.utterance_id for said in plan.utterances)
    assert [u.utterance_id for u in truth.utterances] == planned
    assert [d.utterance_id for d in truth.deliveries] == planned
    assert {d.outcome for d in truth.deliveries} == {"dropped"}
    assert steps == [(at, len(planned)) for at in range(1, len(planned) + 1)]


def test_the_sound_of_an_utterance_can_be_had_again(plan: Plan, scripted: Callable[..., Any]) -> None:
    truth = {u.utterance_id: u for u in _run(plan, scripted()).utterances}

    for said in plan.utterances:
        sound = render(said.scene)
        assert sound.digest == truth[said.utterance_id].pcm_digest
        assert sound.words == truth[said.utterance_id].words
        assert len(sound.pcm) == truth[said.utterance_id].duration_ms * 16


def test_truth_does_not_depend_on_retries_or_pace(plan: Plan, scripted: Callable[..., Any]) -> None:
    once = _run(plan, scripted("kept"))
    again = _run(plan, scripted(None, "busy", "kept"))
    paced = _run(plan, scripted("kept"), clock=Clock(factor=100_000.0))

    assert once.utterances == again.utterances == paced.utterances
    assert once.deliveries == paced.deliveries
    assert {d.attempts for d in again.deliveries} == {3}


def test_what_the_gateway_got_is_the_same_every_time(plan: Plan, scripted: Callable[..., Any]) -> None:
    first, second = scripted("kept"), scripted("kept")
    _run(plan, first)
    _run(plan, second)

    def without_tokens(gateway: Any) -> list[tuple[str, bytes]]:
        return [message for message in gateway.log if "watermark" not in message[0]]

    assert without_tokens(first) == without_tokens(second)


def test_a_topic_root_stands_before_everything(plan: Plan, scripted: Callable[..., Any]) -> None:
    gateway = scripted("kept", topic_root="edge1")
    link = MemoryLink(gateway.handle, topic_root="edge1")

    truth = run_fleet(plan, link=link, transcripts=MemoryLink(gateway.handle, topic_root="edge1"), topic_root="edge1")

    assert all(topic.startswith("edge1/") for topic, _ in gateway.log)
    assert {d.outcome for d in truth.deliveries} == {"kept"}


def test_a_link_that_breaks_ends_the_run(plan: Plan, scripted: Callable[..., Any]) -> None:
    def broken(topic: str, payload: bytes) -> list[tuple[str, bytes]]:
        raise LinkError("gone")

    with pytest.raises(LinkError, match="gone"):
        run_fleet(plan, link=MemoryLink(broken), transcripts=MemoryLink(scripted().handle))
