"""The blind check forgives a misspelling, says yes or no, and lets nobody guess an address book."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.model import ContactCheck
from gateway.vault.contact_check import Asked, Tries, matches
from gateway.vault.journal import JournalInMemory
from gateway.vault.messages import TriesUsedUp

NAMES = ("Laura Ní Dhomhnaill", "Bartholomew Reed", "Bo Quist")
START = datetime(2019, 4, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "heard",
    ["Laura", "laura", "LORA", "Lauro", "Bartholomew", "bartolomew", "barthelomew", "Bo", "Reed", "read",
     "Laura Ni Dhomhnaill", "bo quist"],
)  # fmt: skip
def test_a_contact_matches_also_misspelled(heard: str) -> None:
    assert matches(heard, NAMES)


@pytest.mark.parametrize("heard", ["Maria", "Ba", "B", "", "12", "Bob", "Lau", "laura reed laura reed", "ra", "barth"])
def test_others_and_crumbs_do_not(heard: str) -> None:
    assert not matches(heard, NAMES)


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_gives_an_answer(heard: str, names: list[str]) -> None:
    assert matches(heard, names) in (True, False)


def asked(heard: str, clip: str = "clip", reviewer: str = "ada", household: str = "H01") -> Asked:
    return Asked(reviewer=reviewer, clip=clip, household=household, heard=heard)


class Desk:
    """A vault's tries over one rule set, on a clock that the test moves."""

    def __init__(self, **rules: int) -> None:
        self.now = START
        self.tries = Tries(ContactCheck(**rules), lambda: self.now, JournalInMemory())

    def ask(self, heard: str, names: tuple[str, ...] = NAMES, **more: str) -> bool | None:
        """None: refused."""
        try:
            return self.tries.take(asked(heard, **more), names)
        except TriesUsedUp:
            return None


def test_a_list_of_common_names_ends_after_a_handful_of_misses() -> None:
    desk, got = Desk(), []
    for day in range(60):
        desk.now = START + timedelta(days=day)
        # A clip for every guess, all of one household: the most a guesser can have.
        got.append([desk.ask(name, clip=f"{day}-{name}") for name in COMMON])
    answers = [[answer for answer in day if answer is not None] for day in got]
    assert [len(day) for day in answers[:4]] == [5, 5, 5, 0]
    month = [answer for day in answers[:30] for answer in day]
    assert (len(month), sum(month)) == (15, 0)


def test_a_reviewer_gets_so_many_bits_a_month_and_ten_get_ten_times_as_many() -> None:
    """The bound the README states: an answer is one bit, and no limit is shared."""
    desk = Desk(misses_per_day=10_000, misses_per_month=100_000)
    answers = {f"rev{number}": 0 for number in range(10)}
    for day in range(30):
        desk.now = START + timedelta(days=day)
        for who in answers:
            answers[who] += sum(desk.ask("Zoe", clip=f"{who}-{day}-{at}", reviewer=who) is not None for at in range(50))
    assert set(answers.values()) == {60}
    assert sum(answers.values()) == 600


def test_a_lifetime_has_an_end() -> None:
    desk, got = Desk(tries_ever=100), 0
    for day in range(300):
        desk.now = START + timedelta(days=day)
        got += sum(desk.ask("Laura", clip=f"{day}-{at}") is not None for at in range(20))
    assert got == 100


@given(st.lists(st.tuples(st.sampled_from(["c1", "c2", "c3"]), st.sampled_from(["Laura", "Reed", "Zoe"])), max_size=40))
def test_refusals_do_not_tell_whether_clips_belong_together(asks: list[tuple[str, str]]) -> None:
    """Two clips of one home and two of two homes: as long as the answers are the same, so are the refusals."""
    together, apart = Desk(misses_per_day=4), Desk(misses_per_day=4)
    said = [together.ask(heard, clip=clip, household="H01") for clip, heard in asks]
    assert said == [apart.ask(heard, clip=clip, household=f"H-{clip}") for clip, heard in asks]


def test_another_reviewers_asks_cost_one_nothing_but_the_clips_own_tries() -> None:
    desk = Desk(tries_per_clip=2)
    assert [desk.ask("Laura", reviewer=who) for who in ("ada", "bob", "eve")] == [True, True, None]
    assert desk.ask("Laura", clip="other", reviewer="eve") is True


def test_one_clip_takes_spellings_of_one_name() -> None:
    desk = Desk()
    assert [desk.ask(heard) for heard in ("Zoe", "Zoey", "Maria")] == [False, False, None]
    assert desk.ask("Maria", clip="other") is False


COMMON = tuple(
    "james mary robert patricia john jennifer michael linda david elizabeth william barbara richard susan "
    "joseph jessica thomas sarah charles karen christopher lisa daniel nancy matthew betty anthony margaret "
    "mark sandra donald ashley steven kimberly paul emily andrew donna joshua michelle kenneth carol kevin "
    "amanda brian dorothy george melissa edward deborah ".split()
)
