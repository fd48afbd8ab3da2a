"""Bounded in all and for each device; one device's flood is its own loss."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.fair_queue import _MOST_LOSSES, MESSAGE_BYTES, MOST_QUESTIONS, Arrived, FairQueue


def topics(taken: list[Arrived]) -> list[str]:
    """Of the messages; what was lost is not one."""
    return [came.topic for came in taken if came.payload is not None]


def lost(taken: list[Arrived]) -> list[tuple[str, str]]:
    return [(came.device, came.topic) for came in taken if came.payload is None]


def test_each_devices_messages_come_out_in_the_order_they_came_in() -> None:
    box = FairQueue()
    for number in range(10):
        assert box.put("a" if number % 2 else "b", f"t{number}", b"")
    some = topics(box.take(0, 4))
    every = some + topics(box.take(0, 100))
    assert len(some) == 4
    assert [topic for topic in every if int(topic[1:]) % 2] == ["t1", "t3", "t5", "t7", "t9"]
    assert len(every) == 10
    assert box.take(0, 1) == []
    assert box.held_bytes == 0


def test_a_device_that_comes_late_does_not_wait_for_who_shouted_first() -> None:
    box = FairQueue()
    for number in range(1_000):
        box.put("hostile", f"h{number}", bytes(2_600))
    for number in range(10):
        box.put("meek", f"m{number}", bytes(2_600))
    first = topics(box.take(0, 40))
    assert [topic for topic in first if topic[0] == "m"] == [f"m{number}" for number in range(10)]


def test_big_messages_buy_no_bigger_turn() -> None:
    box = FairQueue()
    for _ in range(60):
        box.put("hostile", "h", bytes(60_000))
        box.put("meek", "m", bytes(2_600))
    taken = topics(box.take(0, 60))
    assert taken.count("m") > 10 * taken.count("h")


def test_a_question_waits_for_all_that_came_before_it_and_for_nothing_else() -> None:
    box = FairQueue()
    for number in range(50):
        box.put("a", f"a{number}", bytes(3_000))
    box.put("b", "b0", b"")
    box.put("", "asked", b"", after_all=True)
    box.put("b", "b1", b"")
    every = topics(box.take(0, 100))
    assert every.index("asked") > max(every.index("a49"), every.index("b0"))
    assert every.index("b1") < every.index("a49")
    assert len(every) == 53
    assert box.held_bytes == 0
    box.put("", "again", b"", after_all=True)
    assert topics(box.take(1.0, 5)) == ["again"]


def test_a_flood_is_its_own_devices_loss() -> None:
    box = FairQueue(most_bytes=1_000_000, most_per_device=50_000)
    taken = sum(box.put("hostile", f"h/{number:04}", bytes(1_000)) for number in range(5_000))
    assert taken == 50_000 // (1_000 + 6 + MESSAGE_BYTES)
    assert box.put("meek", "m", bytes(1_000))
    assert box.put("", "everybody", bytes(1_000))
    assert box.held_bytes < 60_000 + _MOST_LOSSES * (MESSAGE_BYTES + 8)
    missing = lost(box.take(0, 10_000))
    assert {device for device, _ in missing} == {"hostile"}
    assert missing[:-1] == [("hostile", f"h/{number:04}") for number in range(taken, taken + _MOST_LOSSES)]
    assert missing[-1] == ("hostile", ""), "beyond so many it is the device's, whatever it was"
    assert box.held_bytes == 0


def test_what_is_missing_is_told_where_it_is_missing_and_once() -> None:
    box = FairQueue(most_per_device=2_000)
    for number in range(10):
        box.put("a", f"frame{number // 4}", bytes(500))
    begun = box.take(0, 1)
    assert box.put("a", "after", b"")
    rest = box.take(0, 100)
    assert [(came.topic, came.payload is None) for came in begun + rest] == [
        ("frame0", False),
        ("frame0", False),
        ("frame0", True),
        ("frame1", True),
        ("frame2", True),
        ("after", False),
    ]


def test_long_names_cost_what_they_weigh() -> None:
    box = FairQueue(most_per_device=100_000)
    assert sum(box.put("a", "t" * 10_000 + str(number), b"") for number in range(100)) == 9


def test_a_switch_finds_room_where_nothing_else_does() -> None:
    box = FairQueue(most_bytes=10_000, most_per_device=5_000)
    while box.put("a", "frame", bytes(900)):
        pass
    assert box.put("a", "mute", b"", urgent=True)
    assert topics(box.take(0, 100))[-1] == "mute"
    while box.put("", "everybody", bytes(900)):
        pass
    assert box.put("b", "mute", b"", urgent=True)
    assert not all(box.put("b", "mute", b"", urgent=True) for _ in range(100)), "bounded as well"


def test_questions_are_bounded() -> None:
    box = FairQueue()
    box.put("a", "t", b"")
    assert sum(box.put("", "asked", b"", after_all=True) for _ in range(2 * MOST_QUESTIONS)) == MOST_QUESTIONS
    assert len(box.take(0, 10_000)) == MOST_QUESTIONS + 1


def test_a_message_says_when_it_came() -> None:
    now = [5.0]
    box = FairQueue(monotonic=lambda: now[0])
    box.put("a", "t", b"")
    now[0] = 9.0
    assert box.take(0, 1)[0].at_s == 5.0


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.integers(0, 900)), max_size=200))
def test_no_bound_is_ever_passed(messages: list[tuple[str, int]]) -> None:
    box = FairQueue(most_bytes=20_000, most_per_device=6_000)
    kept: dict[str, list[str]] = {device: [] for device in ("", "a", "b", "c")}
    for number, (device, size) in enumerate(messages):
        if box.put(device, f"{device}/{number}", bytes(size)):
            kept[device].append(f"{device}/{number}")
        assert box.held_bytes <= 20_000 + 200 * (MESSAGE_BYTES + 5)
    taken = topics(box.take(0, 1_000))
    assert {device: [t for t in taken if t.split("/")[0] == device] for device in kept} == kept
    assert box.held_bytes == 0


def test_a_reader_that_waits_is_woken() -> None:
    box = FairQueue()
    threading.Timer(0.05, lambda: box.put("a", "t", b"")).start()
    assert topics(box.take(5.0, 1)) == ["t"]
