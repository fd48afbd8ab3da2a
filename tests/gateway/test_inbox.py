"""Bounded in all and for each device; one device's flood is its own loss."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from gateway.inbox import MESSAGE_BYTES, Inbox


def test_messages_come_out_in_the_order_they_came_in() -> None:
    box = Inbox()
    for number in range(10):
        assert box.put("a" if number % 2 else "b", f"t{number}", b"")
    assert [topic for topic, _ in box.take(0, 4)] == ["t0", "t1", "t2", "t3"]
    assert len(box.take(0, 100)) == 6
    assert box.take(0, 1) == []
    assert box.held_bytes == 0


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
    kept = []
    for number, (device, size) in enumerate(messages):
        if box.put(device, str(number), bytes(size)):
            kept.append(str(number))
        assert box.held_bytes <= 20_000
    assert [topic for topic, _ in box.take(0, 1_000)] == kept


def test_a_reader_that_waits_is_woken() -> None:
    box = Inbox()
    threading.Timer(0.05, lambda: box.put("a", "t", b"")).start()
    assert box.take(5.0, 1) == [("t", b"")]
