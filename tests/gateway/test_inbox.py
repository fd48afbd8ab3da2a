"""Bounded in all and for each device; one device's flood is its own loss."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from gateway.inbox import MESSAGE_BYTES, Inbox


def test_each_devices_messages_come_out_in_the_order_they_came_in() -> None:
    box = Inbox()
    for number in range(10):
        assert box.put("a" if number % 2 else "b", f"t{number}", b"")
    some = [topic for topic, _ in box.take(0, 4)]
    every = some + [topic for topic, _ in box.take(0, 100)]
    assert len(some) == 4
    assert [topic for topic in every if int(topic[1:]) % 2] == ["t1", "t3", "t5", "t7", "t9"]
    assert len(every) == 10
    assert box.take(0, 1) == []
    assert box.held_bytes == 0


def test_a_device_that_comes_late_does_not_wait_for_who_shouted_first() -> None:
    box = Inbox()
    for number in range(1_000):
        box.put("hostile", f"h{number}", bytes(2_600))
    for number in range(10):
        box.put("meek", f"m{number}", bytes(2_600))
    first = [topic for topic, _ in box.take(0, 40)]
    assert [topic for topic in first if topic[0] == "m"] == [f"m{number}" for number in range(10)]


def test_big_messages_buy_no_bigger_turn() -> None:
    box = Inbox()
    for _ in range(60):
        box.put("hostile", "h", bytes(60_000))
        box.put("meek", "m", bytes(2_600))
    taken = [topic for topic, _ in box.take(0, 60)]
    assert taken.count("m") > 10 * taken.count("h")


def test_a_question_waits_for_all_that_came_before_it_and_for_nothing_else() -> None:
    box = Inbox()
    for number in range(50):
        box.put("a", f"a{number}", bytes(3_000))
    box.put("b", "b0", b"")
    box.put("", "asked", b"", after_all=True)
    box.put("b", "b1", b"")
    every = [topic for topic, _ in box.take(0, 100)]
    assert every.index("asked") > max(every.index("a49"), every.index("b0"))
    assert every.index("b1") < every.index("a49")
    assert len(every) == 53
    assert box.held_bytes == 0
    box.put("", "again", b"", after_all=True)
    assert box.take(1.0, 5) == [("again", b"")]


def test_a_flood_is_its_own_devices_loss() -> None:
    box = Inbox(most_bytes=1_000_000, most_per_device=50_000)
    taken = sum(box.put("hostile", f"h/{number}", bytes(1_000)) for number in range(5_000))
    assert taken == 50_000 // (1_000 + MESSAGE_BYTES)
    assert box.put("meek", "m", bytes(1_000))
    assert box.put("", "everybody", bytes(1_000))
    assert box.held_bytes < 60_000
    lost = box.shed()
    assert "m" not in lost
    assert len(lost) == min(4_096, 5_000 - taken)
    assert box.shed() == []


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.integers(0, 900)), max_size=200))
def test_no_bound_is_ever_passed(messages: list[tuple[str, int]]) -> None:
    box = Inbox(most_bytes=20_000, most_per_device=6_000)
    kept: dict[str, list[str]] = {device: [] for device in ("", "a", "b", "c")}
    for number, (device, size) in enumerate(messages):
        if box.put(device, f"{device}/{number}", bytes(size)):
            kept[device].append(f"{device}/{number}")
        assert box.held_bytes <= 20_000
    taken = [topic for topic, _ in box.take(0, 1_000)]
    assert {device: [t for t in taken if t.split("/")[0] == device] for device in kept} == kept
    assert box.held_bytes == 0


def test_a_reader_that_waits_is_woken() -> None:
    box = Inbox()
    threading.Timer(0.05, lambda: box.put("a", "t", b"")).start()
    assert box.take(5.0, 1) == [("t", b"")]
