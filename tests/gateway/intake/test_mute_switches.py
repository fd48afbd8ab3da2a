"""A microphone switched off stays off, whatever happens to the gateway, its disk or its vault."""

import os
from pathlib import Path
from typing import Any

import pytest

from gateway.files import BadFile
from gateway.flow.loggable_counts import loggable
from gateway.intake import mute_switches as module
from gateway.intake.mute_switches import MuteSwitches
from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import Standing, VaultUnavailable
from gateway.wire import Mute
from tests.gateway.world import FACTS, TOPICS, World

ON, OFF = Mute(muted=False, at_ms=1), Mute(muted=True, at_ms=1)


class Disk:
    """Counts what is written for good; refuses it when full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, self.written, self._fsync = False, 0, os.fsync
        monkeypatch.setattr(os, "fsync", self._asked)

    def _asked(self, handle: int) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.written += 1
        self._fsync(handle)


class Register(InMemoryVault):
    """A vault that may be away, and counts how often it is asked."""

    def __init__(self, *sites: str) -> None:
        super().__init__(dict.fromkeys(sites, FACTS))
        self.away, self.asked = False, 0

    def standing(self, site_id: str) -> Standing | None:
        self.asked += 1
        if self.away:
            raise VaultUnavailable("away")
        return super().standing(site_id)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "off"


def world(path: Path, vault: Any = None) -> World:
    return World(vault=vault, switches=MuteSwitches(path, b"key"))


def kept_after_a_restart(path: Path, site: str = "kitchen") -> bool:
    """Whether a gateway that knows only what is on disk keeps a request of this device."""
    return outcome(world(path), "after", site) == ("kept", "wake_word")


def outcome(world: World, session: str, site: str = "kitchen") -> tuple[str, str]:
    world.say(session, loud=True, site=site)
    world.hear(session, site=site)
    (said,) = world.receipts()
    return said


def test_a_switch_outlives_its_gateway_and_names_nobody(tmp_path: Path, path: Path) -> None:
    vault = Register("kitchen", "bedroom")
    first = MuteSwitches(path, b"key")
    first.set("kitchen", True)
    first.set("bedroom", True)
    first.set("bedroom", False)
    first.flush(vault, 0.0)
    again = MuteSwitches(path, b"key")
    assert (again.muted("kitchen"), again.muted("bedroom"), again.muted("hall")) == (True, False, False)
    assert "kitchen" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    again.set("kitchen", False)
    again.flush(vault, 0.0)
    assert path.read_text() == ""
    assert [each.name for each in tmp_path.iterdir()] == ["off"]


def test_without_a_file_it_is_remembered_as_long_as_it_lives() -> None:
    switches = MuteSwitches()
    switches.set("kitchen", True)
    assert switches.muted("kitchen")
    switches.flush(Register("kitchen"), 0.0)
    switches.set("kitchen", False)
    switches.flush(Register("kitchen"), 0.0)
    assert not switches.muted("kitchen")


def test_on_a_full_disk_off_counts_at_once_and_is_written_as_soon_as_there_is_room(path: Path, disk: Disk) -> None:
    here = world(path)
    disk.full = True
    here.tell("mute", OFF)
    assert outcome(here, "s1") == ("dropped", "muted")
    here.service.settle()
    assert here.service.counts["broke:OSError"] == 2
    disk.full = False
    here.service.settle()
    assert not kept_after_a_restart(path)
    here.service.settle()
    assert (disk.written, here.service.counts["broke:OSError"]) == (1, 2)


def test_on_a_full_disk_on_does_not_count_before_it_is_written(path: Path, disk: Disk) -> None:
    here = world(path)
    here.tell("mute", OFF)
    here.service.settle()
    disk.full = True
    here.tell("mute", ON)
    assert outcome(here, "s1") == ("dropped", "muted")
    assert here.service.counts["broke:OSError"] == 1
    disk.full = False
    assert outcome(here, "s2") == ("kept", "wake_word")
    assert kept_after_a_restart(path)


def test_what_is_said_after_a_switch_on_of_the_same_turn_is_heard(path: Path) -> None:
    here = world(path)
    here.tell("mute", OFF)
    here.service.settle()
    here.tell("mute", ON)
    assert outcome(here, "s1") == ("kept", "wake_word")


def test_many_toggles_of_a_turn_are_one_write(path: Path, disk: Disk) -> None:
    sites = [f"site{number}" for number in range(6)]
    here = world(path, Register(*sites))
    for turn in range(40):
        for site in sites:
            here.tell("mute", ON if turn % 2 else OFF, site)
        here.tell("mute", OFF, sites[0])
    assert disk.written == 0
    here.service.settle()
    here.service.settle()
    assert disk.written == 1
    assert [MuteSwitches(path, b"key").muted(site) for site in sites] == [True] + [False] * 5


def test_a_switch_is_on_disk_before_what_came_after_it_is_answered(path: Path, disk: Disk) -> None:
    here = world(path)
    here.tell("mute", OFF)
    assert here.service.handle(TOPICS.watermark("ask", "t"), b"") == []
    assert disk.written == 0
    answers = here.service.settle()
    assert [topic for topic, _ in answers] == [TOPICS.watermark("reached", "t")]
    assert disk.written == 1


def test_strangers_never_reach_the_disk_and_are_few_in_memory(
    path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_STRANGERS", 20)
    vault = Register("kitchen")
    here, switches = world(path, vault), MuteSwitches(path, b"key")
    for number in range(100):
        here.tell("mute", OFF, f"x{number}")
        switches.set(f"x{number}", True)
    here.tell("mute", OFF)
    switches.set("kitchen", True)
    for _ in range(9):
        here.service.settle()
    assert (disk.written, len(path.read_text().split())) == (1, 1)
    assert vault.asked <= 21, "only who is remembered is asked for"
    assert sum(switches.muted(f"x{number}") for number in range(100)) == 19
    assert switches.muted("kitchen")


def test_the_vault_is_asked_a_few_times_a_turn(path: Path) -> None:
    vault = Register()
    here = world(path, vault)
    for number in range(1_000):
        here.tell("mute", OFF, f"x{number}")
    here.service.settle()
    assert vault.asked <= 16


def test_without_a_vault_off_counts_and_is_written_once_it_answers(path: Path, disk: Disk) -> None:
    vault = Register("kitchen")
    here = world(path, vault)
    vault.away = True
    here.tell("mute", OFF)
    for _ in range(5):
        here.service.settle()
    assert (vault.asked, disk.written) == (1, 0), "a vault that hangs is not waited for at every turn"
    vault.away = False
    assert outcome(here, "s1") == ("dropped", "muted")
    assert not kept_after_a_restart(path)


@pytest.mark.parametrize("content", [b"hello", b"\xff\xfe"])
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "off"
    path.write_bytes(content)
    with pytest.raises(BadFile, match="off: "):
        MuteSwitches(path, b"key")


Told = tuple[bool, int | None, bool]  # muted, atMs, late


@pytest.mark.parametrize(
    ("told", "off"),
    [
        ([(True, 2_000, False), (False, 1_000, False)], True),
        ([(True, 2_000, False), (True, 500, False), (False, 1_000, False)], True),
        ([(True, 2_000, False), (False, 2_000, False)], False),
        ([(True, 2_000, False), (False, 3_000, False)], False),
        ([(True, 0, False), (False, -5, False)], True),
        ([(False, 3_000, False), (True, 1_000, False)], True),  # the clock was set back: off is believed
        ([(False, 3_000, False), (True, 1_000, False), (False, 1_500, False)], False),
        ([(True, None, False), (False, 1, False)], False),
        ([(True, 5, False), (True, None, False), (False, 4, False)], True),
        ([(True, 1_000, True)], True),
        ([(True, 1_000, True), (False, 500, True)], True),
        ([(True, 1_000, True), (False, 1_500, True)], False),
        ([(True, 1_000, False), (False, 2_000, False), (True, 1_000, True)], False),
        ([(True, 1_000, False), (False, 2_000, False), (True, 2_000, True)], True),
        ([(False, 2_000, False), (True, None, True)], True),
    ],
)
def test_an_older_on_never_beats_a_newer_off(told: list[Told], off: bool) -> None:
    switches = MuteSwitches()
    for muted, at_ms, late in told:
        switches.hear("kitchen", muted, at_ms, late=late)
    switches.flush(Register("kitchen"), 0.0)
    assert switches.muted("kitchen") is off


def test_an_old_on_is_counted_and_the_session_stays_muted(path: Path) -> None:
    here = world(path)
    here.tell("mute", Mute(muted=True, at_ms=2_000))
    here.tell("mute", Mute(muted=False, at_ms=1_000))
    assert outcome(here, "s1") == ("dropped", "muted")
    assert here.service.counts["stale_switch"] == 1


def test_when_a_microphone_was_switched_is_on_no_disk(path: Path) -> None:
    here = world(path)
    here.tell("mute", Mute(muted=True, at_ms=1_234_567))
    here.service.settle()
    assert [len(line) for line in path.read_text().split()] == [64]


def test_of_what_a_broker_kept_switches_alone_are_obeyed(path: Path) -> None:
    here = world(path)
    off = b'{"muted": true, "atMs": 5}'
    assert here.service.handle(TOPICS.device("kitchen", "session/start"), off, late=True) == []
    assert here.service.handle(TOPICS.frame("kitchen"), off, late=True) == []
    here.service.handle(TOPICS.device("kitchen", "mute"), off, late=True)
    assert outcome(here, "s1") == ("dropped", "muted")


def test_an_empty_switch_takes_back_what_was_retained_and_turns_nothing_on(path: Path) -> None:
    here = world(path)
    here.tell("mute", OFF)
    here.service.handle(TOPICS.device("kitchen", "mute"), b"")
    assert outcome(here, "s1") == ("dropped", "muted")
    assert "bad_message" not in loggable(here.service.counts), "not even that there was none"
