"""The blind check forgives a misspelling, says yes or no, and lets nobody guess an address book."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.model import ContactCheck
from gateway.vault.client import TriesUsedUp
from gateway.vault.contact_check import Tries, matches
from gateway.vault.journal import JournalInMemory

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


def test_a_guesser_gets_the_bound_and_not_one_answer_more() -> None:
    now = [START]
    rules = ContactCheck(tries_per_clip=3, tries_per_day=10)
    tries = Tries(rules, lambda: now[0], JournalInMemory())
    guesses = [f"name{number}" for number in range(500)]

    def answers() -> int:
        got = 0
        for at, _ in enumerate(guesses):
            try:
                tries.take(f"clip-{now[0].day}-{at % 100}", "H01")  # a hundred clips of one household
                got += 1
            except TriesUsedUp:
                continue
        return got

    assert answers() == 10
    now[0] += timedelta(days=1)
    assert answers() == 10
    one = Tries(rules, lambda: now[0], JournalInMemory())
    for _ in range(3):
        one.take("clip", "H01")
    with pytest.raises(TriesUsedUp):
        one.take("clip", "H01")
    one.take("other", "H01")
