"""Utterances: templates are filled from a home, telling words are marked, digits are read out."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.files import BadFile
from gateway.identities import Household, Identities
from simulator.world.utterances import (
    UTTERANCES,
    as_people_say,
    digits_aloud,
    fill,
    house_number_aloud,
    load_phrasebook,
    plain_text,
)

DIGITS = dict(zip("oh one two three four five six seven eight nine".split(), "0123456789", strict=True))


def _words(template: str, home: Household) -> list[tuple[str, str | None]]:
    words = fill(template, home, home.members[0], np.random.default_rng(1))
    assert words is not None
    return [(word.text, word.secret) for word in words]


def test_a_contact_is_one_of_the_home_and_marked(identities: Identities) -> None:
    home = identities.households[0]

    words = _words("Alexa, call {contact}.", home)

    assert words[:2] == [("Alexa,", None), ("call", None)]
    assert words[2][1] == "contacts.name"
    assert words[2][0] in {f"{(contact.name or '').split()[0]}." for contact in home.contacts}


@pytest.mark.parametrize(("slot", "kind"), [("card", "card"), ("bank_account", "bank_account"), ("ssn", "ssn")])
def test_a_secret_is_read_out_digit_by_digit(identities: Identities, slot: str, kind: str) -> None:
    home = identities.households[0]
    value = next(secret.value for secret in home.secrets if secret.kind == kind)

    words = [word for word in _words(f"It is {{{slot}}}.", home) if word[1] == "secrets.value"]

    assert "".join(DIGITS[plain_text(word)] for word, _ in words) == re.sub(r"\D", "", value)


def test_a_phone_is_the_speakers_without_country_code(identities: Identities) -> None:
    home = next(h for h in identities.households if h.members[0].phones)

    words = [word for word in _words("Ring {phone}.", home) if word[1] == "members.phones"]

    assert "+1" + "".join(DIGITS[plain_text(word)] for word, _ in words) == home.members[0].phones[0]


def test_a_street_is_spoken_in_full(identities: Identities) -> None:
    home = identities.households[0]
    assert home.home is not None
    assert home.home.street is not None

    words = _words("We live at {street}.", home)

    street = [plain_text(word) for word, secret in words if secret == "home.street"]
    assert street[-2:] == home.home.street.split()[-2:]
    assert len(street) >= 4


@pytest.mark.parametrize(
    ("number", "said"),
    [("1427", "fourteen twenty seven"), ("305", "three oh five"), ("1900", "nineteen hundred"), ("12", "twelve")],
)
def test_house_numbers_are_read_in_pairs(number: str, said: str) -> None:
    assert house_number_aloud(number) == said.split()


@given(st.text("0123456789", min_size=1, max_size=20))
def test_read_out_digits_read_back(digits: str) -> None:
    assert "".join(DIGITS[plain_text(word)] for word in digits_aloud(digits, (3, 3, 4))) == digits


def test_what_a_home_lacks_is_not_said() -> None:
    empty = Household(household_id="H01")

    assert fill("Alexa, call {contact}.", empty, None, np.random.default_rng(1)) is None
    assert fill("Alexa, stop.", empty, None, np.random.default_rng(1)) is not None


def test_every_line_of_the_phrasebook_can_be_filled(identities: Identities) -> None:
    home = next(h for h in identities.households if len(h.members) > 1 and h.members[0].phones)

    for line in load_phrasebook().every_line():
        words = _words(line, home)
        assert not any("{" in word for word, _ in words)
        assert any(secret for _, secret in words) == ("{" in line)


def test_wake_requests_begin_with_the_wake_word_and_nothing_else_holds_it() -> None:
    book = load_phrasebook()

    assert all(line.startswith("Alexa, ") for lines in book.wake.values() for line in lines)
    others = [line for line in book.every_line() if not line.startswith("Alexa, ")]
    assert not any("alexa" in line.lower() for line in others)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("{contact}", "{contacts}"), r"\{contacts\} is nothing a household has; allowed: .*contact_name"),
        (("television:", "televison: []\ntelevision:"), "televison: unknown key; did you mean television"),
        (("  engine:", "  literature:"), "the key literature stands twice"),
    ],
)
def test_a_wrong_phrasebook_is_one_clear_line(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    path = tmp_path / "utterances.yaml"
    path.write_text(re.sub("(?m)^#.*$", "", UTTERANCES.read_text()).replace(*change, 1))

    with pytest.raises(BadFile, match=complaint):
        load_phrasebook(path)


def test_people_say_double_and_zero_and_spell() -> None:
    digits = "five five oh, three three three".split()
    said = {" ".join(as_people_say(digits, np.random.default_rng(seed), number=True, name=False)) for seed in range(40)}
    names = {" ".join(as_people_say(["Laura"], np.random.default_rng(s), number=False, name=True)) for s in range(40)}

    assert said == {
        "five five oh, three three three",
        "double five oh, double three three",
        "five five zero, three three three",
    }
    assert names == {"Laura", "Laura, L A U R A"}


def test_every_spoken_way_is_marked_as_the_secret_it_is(identities: Identities) -> None:
    home = identities.households[0]
    for seed in range(30):
        words = fill("My number is {phone}.", home, home.members[0], np.random.default_rng(seed), "people")
        assert words is not None
        assert {word.secret for word in words[3:]} == {"members.phones"}
        assert words[-1].text.endswith(".")
