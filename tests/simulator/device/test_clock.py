"""The clock: it never passes a deadline unasked, keeps order, and paces against the wall."""

from collections.abc import Callable
from typing import Any

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire import Receipt
from simulator.device.clock import Clock, Receipts, pace, run
from simulator.links.link import Answer, MemoryLink
from simulator.world.truth import Pace


class Drained:
    """A link that notes when it was drained and answers `answers[n]` to the n-th drain."""

    def __init__(self, env: simpy.Environment, *answers: list[Answer]) -> None:
        self._env, self._answers = env, list(answers)
        self.drained_at: list[float] = []

    def send(self, topic: str, payload: bytes) -> None:
        raise AssertionError("nothing is sent here")

    def drain(self) -> list[Answer]:
        self.drained_at.append(self._env.now)
        return self._answers.pop(0) if self._answers else []

    def close(self) -> None:
        raise AssertionError("the clock does not own the link")


def _kept(session: str) -> Receipt:
    return Receipt(session_id=session, outcome="kept", reason="button")


def _waiter(env: simpy.Environment, receipts: Receipts, name: str, start: int, within: int, seen: list[Any]) -> Any:
    yield env.timeout(start)
    receipt = yield receipts.expect(("dev", name), within)
    seen.append((name, start, start + within, env.now, receipt))


WAITS = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 50)), min_size=1, max_size=12)


@given(WAITS)
def test_no_deadline_passes_before_the_gateway_was_asked(waits: list[tuple[int, int]]) -> None:
    env = simpy.Environment()
    seen: list[Any] = []
    receipts, link = Receipts(env), Drained(env)
    for at, (start, within) in enumerate(waits):
        env.process(_waiter(env, receipts, f"s{at}", start, within, seen))

    run(env, link=link, receipts=receipts, clock=Clock())

    assert len(seen) == len(waits)
    for _, start, deadline, now, receipt in seen:
        assert receipt is None
        assert now == deadline
        assert any(start <= drained <= deadline for drained in link.drained_at)


def test_without_the_clock_a_deadline_would_pass() -> None:
    env = simpy.Environment()
    seen: list[Any] = []
    receipts, link = Receipts(env), Drained(env)
    env.process(_waiter(env, receipts, "s", 5, 10, seen))

    env.run()

    assert link.drained_at == []
    assert seen == [("s", 5, 15, 15, None)]


@given(WAITS, st.data())
def test_a_receipt_comes_before_its_deadline(waits: list[tuple[int, int]], data: st.DataObject) -> None:
    env = simpy.Environment()
    everyone = [("dev", _kept(f"s{at}")) for at in range(len(waits))]
    link = Drained(env, *[data.draw(st.permutations(everyone)) for _ in waits])
    seen: list[Any] = []
    receipts = Receipts(env)
    for at, (start, within) in enumerate(waits):
        env.process(_waiter(env, receipts, f"s{at}", start, within, seen))

    run(env, link=link, receipts=receipts, clock=Clock())

    assert len(seen) == len(waits)
    assert all(receipt is not None and now <= deadline for _, _, deadline, now, receipt in seen)


def test_the_network_s_order_decides_nothing() -> None:
    orders = []
    for answers in ([("dev", _kept("a")), ("dev", _kept("b"))], [("dev", _kept("b")), ("dev", _kept("a"))]):
        env = simpy.Environment()
        seen: list[Any] = []
        receipts = Receipts(env)
        env.process(_waiter(env, receipts, "b", 0, 10, seen))
        env.process(_waiter(env, receipts, "a", 0, 10, seen))
        run(env, link=Drained(env, answers), receipts=receipts, clock=Clock())
        orders.append([name for name, *_ in seen])

    assert orders == [["a", "b"], ["a", "b"]]


def test_an_answer_that_was_quick_is_kept_until_it_is_waited_for_unless_forgotten() -> None:
    env = simpy.Environment()
    receipts = Receipts(env)
    receipts.deliver([("dev", _kept("s"))])
    assert receipts.expect(("dev", "s"), 10).value == _kept("s")

    receipts.deliver([("dev", _kept("s"))])
    receipts.forget(("dev", "s"))
    assert not receipts.expect(("dev", "s"), 10).triggered


@pytest.mark.parametrize(("factor", "slept"), [(None, 0.0), (1.0, 2.0), (10.0, 0.2)])
def test_pacing_follows_the_wall_clock(factor: float | None, slept: float) -> None:
    env, wall, sleeps = simpy.Environment(), [100.0], []

    def nap(seconds: float) -> None:
        sleeps.append(seconds)
        wall[0] += seconds

    def life() -> Any:
        yield env.timeout(500)
        yield env.timeout(1_500)

    env.process(life())
    run(
        env,
        link=Drained(env),
        receipts=Receipts(env),
        clock=Clock(factor=factor),
        now_s=lambda: wall[0],
        sleep=nap,
    )

    assert sum(sleeps) == pytest.approx(slept)
    assert env.now == 2_000


def test_a_generator_that_falls_behind_says_so_of_itself() -> None:
    good = pace([1.0] * 100, limit_ms=250)
    late = pace([1.0] * 90 + [400.0] * 10, limit_ms=250)

    assert (good.valid, good.p99_ms, good.steps) == (True, 1.0, 100)
    assert (late.valid, late.max_ms) == (False, 400.0)
    assert pace([], limit_ms=250).valid


def test_lag_is_measured_from_the_intended_time() -> None:
    env, wall = simpy.Environment(), [0.0]
    for at in (100, 200, 300):
        env.process(_slow(env, at, wall))

    told = run(
        env,
        link=MemoryLink(lambda _topic, _payload: []),
        receipts=Receipts(env),
        clock=Clock(factor=1.0, limit_ms=100.0),
        now_s=lambda: wall[0],
        sleep=lambda seconds: wall.__setitem__(0, wall[0] + seconds),
    )

    assert told is not None
    assert told.max_ms == pytest.approx(850.0)  # three times 0.35 s of work, and the last of it ends 0.3 s in
    assert not told.valid


def _slow(env: simpy.Environment, at_ms: int, wall: list[float]) -> Any:
    yield env.timeout(at_ms)
    wall[0] += 0.35


class Slow(Drained):
    """A link whose gateway takes `waits_s` of the wall's time for each drain."""

    def __init__(self, env: simpy.Environment, wall: list[float], waits_s: float) -> None:
        super().__init__(env)
        self._wall, self._waits_s = wall, waits_s

    def drain(self) -> list[Answer]:
        self._wall[0] += self._waits_s
        return super().drain()


def _paced(life: Callable[[simpy.Environment, Receipts, list[float]], Any], *, waits_s: float) -> Pace:
    """Run one life in real time on a made-up wall clock."""
    env, wall = simpy.Environment(), [0.0]
    receipts = Receipts(env)

    def nap(seconds: float) -> None:
        wall[0] += seconds

    env.process(life(env, receipts, wall))
    slow = Slow(env, wall, waits_s)
    kept = run(env, link=slow, receipts=receipts, clock=Clock(factor=1.0), now_s=lambda: wall[0], sleep=nap)
    assert kept is not None
    return kept


@pytest.mark.parametrize(
    ("waits_s", "itself_s", "valid", "held_up"),
    [(25.0, 0.0, False, True), (0.1, 0.0, True, False), (0.0, 25.0, False, False), (20.0, 5.0, False, False)],
)
def test_what_a_gateway_held_up_is_not_the_fleets_own(
    waits_s: float, itself_s: float, valid: bool, held_up: bool
) -> None:
    def life(env: simpy.Environment, receipts: Receipts, wall: list[float]) -> Any:
        yield env.timeout(100)
        wall[0] += itself_s
        yield receipts.expect(("dev", "s"), 100)
        for _ in range(50):
            yield env.timeout(10)

    kept = _paced(life, waits_s=waits_s)
    assert (kept.valid, kept.held_up) == (valid, held_up)
    assert kept.longest_wait_ms == pytest.approx(waits_s * 1_000)


def test_what_was_caught_up_excuses_no_later_lateness() -> None:
    def life(env: simpy.Environment, receipts: Receipts, wall: list[float]) -> Any:
        yield receipts.expect(("dev", "s"), 100)
        yield env.timeout(60_000)  # time enough to catch up
        wall[0] += 5.0  # the fleet's own
        for _ in range(200):
            yield env.timeout(1)

    kept = _paced(life, waits_s=25.0)
    assert not kept.held_up
    assert kept.own_p99_ms == pytest.approx(5_000, abs=300)
