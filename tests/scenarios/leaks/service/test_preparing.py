"""What takes long says so within seconds, and again; what is quick says nothing."""

import threading
import time

from scenarios.leaks.service.preparing import Preparing


def test_a_long_step_is_told_again_and_again_and_leaves_no_thread() -> None:
    said: list[str] = []
    preparing = Preparing(said=said.append, first_s=0.1, every_s=0.05)
    threads = threading.active_count()
    with preparing.step("compiling"):
        while len(said) < 3:
            time.sleep(0.01)
    assert threading.active_count() == threads  # workers are forked next
    assert said[0].startswith("getting ready: compiling (")


def test_what_is_quick_says_nothing() -> None:
    said: list[str] = []
    preparing = Preparing(said=said.append)
    for _ in range(20):
        with preparing.step("compiling"):
            pass
        preparing.share("hashing", 0.5)
    assert said == []


def test_a_share_is_told_no_more_often_than_a_step() -> None:
    said: list[str] = []
    preparing = Preparing(said=said.append, first_s=0.0, every_s=100.0)
    for percent in range(100):
        preparing.share("hashing", percent / 100)
    assert said == ["getting ready: hashing, 0% (0 s)"]


def test_a_step_that_raises_ends_its_telling() -> None:
    preparing = Preparing(said=len, first_s=0.0, every_s=0.01)
    threads = threading.active_count()
    try:
        with preparing.step("reading"):
            raise OSError
    except OSError:
        pass
    assert threading.active_count() == threads
