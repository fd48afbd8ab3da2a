"""In a long text the same numbers are found as in a short one."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.match.numbers import Digits, usual_groups
from scenarios.leaks.needles.forms import in_digits
from scenarios.leaks.needles.identifiers import phone_needles
from scenarios.leaks.needles.needle import Needle
from scenarios.leaks.needles.needles import needles_of

HOME = control_household(77)
PHONE = HOME.members[0].phones[0]
NATIONAL = PHONE[2:]
FILLER = "row 12 | 3.14159, 2026-11-28 and 8123 ms (541) 20-30\n" * 200


@pytest.fixture(scope="module")
def digits() -> Digits:
    return Digits(in_digits(needles_of(Identities(schema=1, households=(HOME,))).needles))


@pytest.mark.parametrize(
    "text",
    [
        PHONE,
        f"{NATIONAL[:3]} {NATIONAL[3:6]} {NATIONAL[6:]}",
        f"+1 (0) {NATIONAL[:3]}-{NATIONAL[3:6]}-{NATIONAL[6:]}",
        f"{NATIONAL[:3]} |\n {NATIONAL[3:6]} |\n {NATIONAL[6:]}",
        f"{NATIONAL[:3]}{' ' * 50}{NATIONAL[3:6]}{' ' * 50}{NATIONAL[6:]}",
        f"({NATIONAL[:3]}) {NATIONAL[3:6]}.{NATIONAL[6:]}",
        " ".join(NATIONAL),
        PHONE[::-1],
    ],
)
def test_a_number_in_a_long_text_is_seen(digits: Digits, text: str) -> None:
    short = {(needle.value, how) for needle, how in digits.search(text)}
    assert short
    for long in (FILLER + text, FILLER + text + "\n" + FILLER, text + "\n" + FILLER):
        assert {(needle.value, how) for needle, how in digits.search(long)} == short


def test_the_beginning_of_a_number_at_the_end_of_a_long_text_is_none(digits: Digits) -> None:
    assert not list(digits.search(FILLER + NATIONAL[:8]))
    assert not list(digits.search(FILLER))


@given(st.integers(2_000_000_000, 9_999_999_999))
def test_american_numbers_are_grouped_as_the_library_groups_them(national: int) -> None:
    number = phonenumbers.parse(f"+1{national}")
    formats = phonenumbers.PhoneNumberFormat
    written = [phonenumbers.format_number(number, form) for form in (formats.INTERNATIONAL, formats.NATIONAL)]
    groups = {tuple(re.findall("[0-9]+", each)) for each in written}
    phone = Needle(family="digits", key=str(national), value=f"+1{national}", field="members.phones", household_id="H")
    assert groups <= usual_groups(str(national), phone)
    assert [needle.key for needle in phone_needles(phone.value, "members.phones", "H", None)] == [
        f"1{national}",
        phonenumbers.national_significant_number(number),
    ]
