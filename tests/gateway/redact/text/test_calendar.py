"""Days and times in figures are no numbers that somebody reads out; what looks like them is."""

import pytest

from gateway.redact.language.locale import load_locale
from gateway.redact.language.words import words_of
from gateway.redact.text.calendar import days_in_figures
from tests.gateway.redact.people.test_introductions import left


@pytest.mark.parametrize(
    "text",
    [
        "book a table on 12/26/2018",
        "book a table on 12/26/2018 for 5 people",
        "hail on 26.12.2018",
        "until 26-12-2018",
        "the forecast on oct. 16, 2036",
        "rain on november the 7th, 2024",
        "rain on november the 1st, 2024",
        "rain on november the 2nd, 2024",
        "rain on november the 3rd, 2024",
        "how humid is it at 15:19:29",
    ],
)
def test_a_day_in_figures_stays(text: str) -> None:
    assert left(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my birthday is on 4/5/1971", "my birthday is on [date of birth]"),
        ("the code is 12/26/2018", "the code is [bank account]"),  # no preposition
        ("text 12/26/2018", "text [bank account]"),
        ("send it to 12/56/2018", "send it to [bank account]"),  # no day
        ("send it to 0/12/2018", "send it to [phone]"),
        ("send it to 12/26/2518", "send it to [bank account]"),  # no year
        ("send it to 12-26/2018", "send it to [bank account]"),  # two kinds of marks
        ("text it to 15:79:29", "text it to [number]"),  # no minute
        ("send it to 555 123 4567", "send it to [phone]"),
        ("see you oct. 56, 2036", "see you oct. [number]"),
        ("see you oct. 16, 9036", "see you oct. [number]"),
    ],
)
def test_another_number_is_masked(text: str, expected: str) -> None:
    assert left(text) == expected


def test_a_month_further_off_makes_no_day() -> None:
    locale = load_locale("en")
    assert not days_in_figures(words_of("in october send it to 16 2036", locale), locale)
    assert days_in_figures(words_of("in october 16 2036", locale), locale) == {2, 3}
