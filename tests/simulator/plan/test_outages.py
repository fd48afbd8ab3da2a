"""Outages: what of each sound leaves a device that reboots or loses its connection, and that nothing else is lost."""

import itertools
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identities import Identities
from simulator.device.clock import Clock
from simulator.device.fleet import FleetSettings, plan_fleet, run_fleet
from simulator.links.link import MemoryLink
from simulator.plan.outages import Attempt, Outage, Outages, attempts, draw, ring_ms, unheard
from simulator.plan.planned import SEND_ONCE

USUAL: dict[str, Any] = {"tries": 3, "deadline_ms": 15_000, "frame_ms": 80, "resend_ms": 8}


def _reboot(at: int, lasts: int = 45_000) -> Outage:
    return Outage(kind="reboot", from_ms=at, until_ms=at + lasts)


def _offline(at: int, until: int) -> Outage:
    return Outage(kind="offline", from_ms=at, until_ms=until)


def test_without_outages_it_is_sent_at_once_and_up_to_three_times() -> None:
    first, *again = attempts(1_000, 20, (), **USUAL)

    assert first == Attempt(at_ms=1_000, frames=20, step_ms=80, waits=True)
    assert [(a.frames, a.step_ms, a.waits) for a in again] == [(20, 8, False)] * 2


def test_a_reboot_in_mid_utterance_ends_it() -> None:
    (only,) = attempts(1_000, 20, [_reboot(1_400)], **USUAL)

    assert (only.frames, only.cut_by) == (5, "reboot")


def test_a_reboot_later_leaves_the_tries_that_fit_before_it() -> None:
    assert [a.cut_by for a in attempts(1_000, 20, [_reboot(10_000)], **USUAL)] == [None]
    assert len(attempts(1_000, 20, [_reboot(20_000)], **USUAL)) == 2


def test_a_lost_connection_in_mid_utterance_is_made_up_for_afterwards() -> None:
    cut, whole, _ = attempts(1_000, 20, [_offline(1_400, 60_000)], **USUAL)

    assert (cut.frames, cut.cut_by) == (5, "offline")
    assert whole == Attempt(at_ms=60_000, frames=20, step_ms=8, waits=True)


def test_what_was_recorded_offline_is_sent_later_unless_a_reboot_comes_first() -> None:
    offline = _offline(500, 60_000)

    assert attempts(1_000, 20, [offline], **USUAL)[0].at_ms == 60_000
    assert attempts(1_000, 20, [_reboot(60_000), offline], **USUAL) == ()


def test_a_booting_device_hears_nothing_and_a_full_one_keeps_no_more() -> None:
    out = [_offline(0, 1_000), _reboot(5_000, 1_000)]

    assert unheard([1, 2, 3, 4, 999, 1_000, 5_500, 6_000], out, 2) == [
        *(None, None),
        *("offline",) * 3,
        None,
        "booting",
        None,
    ]


def test_a_ring_holds_what_came_since_the_start() -> None:
    assert ring_ms(100_000, 500, [_reboot(50_000, 49_900)]) == 100
    assert ring_ms(100_000, 500, [_reboot(40_000, 1_000), _reboot(200_000)]) == 500


@given(st.integers(0, 2**32), st.integers(1, 200))
def test_outages_do_not_overlap_and_every_sending_obeys_them(seed: int, frames: int) -> None:
    rng = np.random.default_rng(seed)
    out = draw(Outages(reboots=2, offline=3), began_ms=0, span_ms=3_600_000, rng=rng)

    assert all(a.until_ms <= b.from_ms for a, b in itertools.pairwise(out))
    for at in range(0, 3_600_000, 400_000):
        tries = attempts(at, frames, out, **USUAL)
        assert len(tries) <= 3
        for attempt in tries:
            ends = attempt.at_ms + attempt.frames * attempt.step_ms
            assert attempt.cut_by is not None or not any(
                attempt.at_ms < o.from_ms < ends - attempt.step_ms for o in out
            )
            assert not any(o.kind == "offline" and o.holds(attempt.at_ms) for o in out)
            assert not any(o.kind == "reboot" and at < o.from_ms <= attempt.at_ms for o in out)


BUSY = FleetSettings(
    seed=5, utterances_per_device=6, gap_ms=30_000, outages=Outages(reboots=1.5, boot_ms=20_000, offline=1.0)
)


def test_all_that_was_planned_is_sent_or_accounted_for(identities: Identities, scripted: Any) -> None:
    few = identities.model_copy(update={"households": identities.households[:4]})
    gateway, plan = scripted("kept"), plan_fleet(BUSY, few)
    link = MemoryLink(gateway.handle)

    truth = run_fleet(plan, link=link, transcripts=link.talker())

    devices = sum(len(home.devices) for home in few.households)
    names = [u.utterance_id for u in (*truth.utterances, *truth.unsent)]  # type: ignore[attr-defined]
    assert len(names) == len(set(names)) == 6 * devices
    assert {u.why for u in truth.unsent} >= {"booting"}
    cut = {d.utterance_id for d in truth.deliveries if d.cut_short == "reboot" and d.outcome is None}
    assert cut
    assert {u.expected for u in truth.utterances if u.utterance_id in cut} == {"drop"}
    ended = set(gateway.ends)
    assert not ended & {u.session_id for u in truth.unsent}
    assert not ended & {u.session_id for u in truth.utterances if u.utterance_id in cut}
    assert ended == {u.session_id for u in truth.utterances if u.utterance_id not in cut}


def test_outages_change_no_sound_and_no_other_device(identities: Identities) -> None:
    calm = plan_fleet(msgspec.structs.replace(BUSY, outages=Outages()), identities)
    stormy = plan_fleet(BUSY, identities)

    sounds = {u.utterance_id: msgspec.structs.replace(u.scene, pre_roll_ms=0) for u in calm.utterances}
    assert stormy.unsent
    for said in stormy.utterances:
        assert msgspec.structs.replace(said.scene, pre_roll_ms=0) == sounds[said.utterance_id]
    some = identities.model_copy(update={"households": identities.households[:5]})
    assert plan_fleet(BUSY, some).devices == stormy.devices[: len(plan_fleet(BUSY, some).devices)]


def test_devices_that_send_once_ask_nobody(identities: Identities, scripted: Any) -> None:
    one = identities.model_copy(update={"households": identities.households[:1]})
    gateway = scripted(None)
    plan = plan_fleet(FleetSettings(utterances_per_device=2, habits=SEND_ONCE), one)
    link = MemoryLink(gateway.handle).talker()  # does not listen

    with pytest.raises(ValueError, match="want a paced clock"):
        run_fleet(plan, link=link, transcripts=link)
    truth = run_fleet(plan, link=link, transcripts=link, clock=Clock(factor=50_000.0))

    assert {(d.attempts, d.outcome, d.cut_short) for d in truth.deliveries} == {(1, None, None)}
    assert len(gateway.ends) == len(truth.utterances)
    assert not any("watermark" in topic for topic, _ in gateway.log)
    assert truth.pace is not None
