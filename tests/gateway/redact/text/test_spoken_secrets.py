"""Secrets of drawn households, in every way of saying them, leave no word of theirs behind."""

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from faker import Faker

from gateway.contract.model import load_contract
from gateway.redact.language.words import words_of
from gateway.redact.text.transcript import find_spans, mask
from gateway.vault.messages import SiteFacts
from tests.gateway.redact.text.saying import (
    DIGITS,
    NAME_WAYS,
    NUMBER_WAYS,
    TEENS,
    TENS,
    plain,
    say_email,
    say_name,
    say_number,
)

CLASSES = load_contract("strict").redact.transcript.mask
LEAST = 0.99  # of what is said of each kind
HOUSEHOLDS = 12
NOBODY = SiteFacts(household_key="k", consent=True)
NUMBER_WORDS = {*DIGITS, *TEENS, *TENS, "zero", "o", "double", "triple"}
EMAIL_WAYS = ("spoken", "half", "spaced", "written", "mailbox written")
CONTACTS = (
    "Maria de la Cruz", "Ana van Dijk", "Sean O'Brien", "Anne-Marie Dupont", "Ludwig von Braun", "Connor McAllister",
)  # fmt: skip
NUMBERS = {
    "phone": (10, ("my number is {}", "call me on {}", "{}", "you can reach me at {} tonight")),
    "card": (16, ("my card is {}", "the card number is {}", "{} is my visa")),
    "ssn": (9, ("my social is {}", "social security number {}", "{}")),
    "account": (11, ("the account is {}", "wire it to {}")),
    "pin": (4, ("my pin is {}", "the door code is {} okay")),
}
ABOUT = ("{} is here", "i saw {} yesterday", "play music for {}", "this belongs to {}")
WRITTEN_TO = ("my email is {}", "send it to {}", "{}", "write to {} please", "email {} about it")


class Told(NamedTuple):
    text: str
    secret: list[str]
    facts: SiteFacts


def left(told: Told) -> str:
    return mask(told.text, find_spans(told.text, told.facts, CLASSES))


def survives(told: Told) -> bool:
    shown = {word.low for word in words_of(re.sub(r"\[[a-z ]+\]", " ", left(told)))}
    return any(word in shown for word in told.secret)


def numbers() -> Iterator[Told]:
    rng = random.Random(1)
    for _ in range(HOUSEHOLDS):
        for length, sentences in NUMBERS.values():
            for way in NUMBER_WAYS:
                digits = rng.choice("23456789") + "".join(rng.choice("0123456789") for _ in range(length - 1))
                said = say_number(digits, way, rng)
                secret = [w.low for w in words_of(said) if w.low in NUMBER_WORDS or w.low.isdigit()]
                yield Told(rng.choice(sentences).format(said), secret, NOBODY)


def names() -> Iterator[Told]:
    rng, faker = random.Random(2), Faker(["en_US", "es_ES", "de_DE"])
    faker.seed_instance(2)
    for number in range(HOUSEHOLDS):
        given, family, contact = faker.first_name(), faker.last_name(), CONTACTS[number % len(CONTACTS)]
        known = (f"{given} {family}", given, family, contact)
        facts = SiteFacts(household_key="k", consent=True, names=known, contact_names=(contact,))
        for name in (given, family, contact.split()[0], contact.split(" ", 1)[1]):
            for way in NAME_WAYS:
                said = say_name(name.replace(" ", " "), way, rng)
                small = "van de la von for then as in i is here my to".split()
                secret = [w.low for w in words_of(said) if w.low not in small]
                yield Told(rng.choice(ABOUT).format(said), secret, facts)


def emails() -> Iterator[Told]:
    rng, faker = random.Random(3), Faker("en_US")
    faker.seed_instance(3)
    domains = (
        "acme-widgets.co.uk",
        "zeta.fr",
        "mail.example.org",
        "blue-sky.io",
        "uni.edu",
        "gmail.com",
        "shop.museum",
    )
    for number in range(HOUSEHOLDS):
        given, family = plain(faker.first_name()), plain(faker.last_name())
        email = f"{given}{rng.choice(['.', '_', ''])}{family}{rng.choice(['', '84'])}@{domains[number % len(domains)]}"
        own = SiteFacts(household_key="k", consent=True, emails=(email,))
        for way in EMAIL_WAYS:
            said = say_email(email, way, rng)
            secret = [w.low for w in words_of(said) if len(w.low) > 1 and w.low not in ("at", "dot")]
            for facts in (own, NOBODY):
                yield Told(rng.choice(WRITTEN_TO).format(said), secret, facts)


def streets() -> Iterator[Told]:
    rng, faker = random.Random(4), Faker("en_US")
    faker.seed_instance(4)
    for _ in range(HOUSEHOLDS):
        number, name = (
            str(rng.randint(100, 9999)),
            f"{faker.last_name()} {rng.choice(['Street', 'Lane', 'Way', 'Hollow Road'])}",
        )
        own = SiteFacts(household_key="k", consent=True, streets=(f"{number} {name}",))
        for way in ("plain", "pairs", "hyphens", "written"):
            said = f"{say_number(number, way, rng)} {name.lower()}"
            for facts, sentence in ((own, "it is {}"), (NOBODY, "we live at {}"), (NOBODY, "send it to {} please")):
                yield Told(sentence.format(said), [w.low for w in words_of(said)], facts)


@pytest.mark.parametrize("kind", [numbers, names, emails, streets], ids=lambda kind: str(kind.__name__))
def test_nothing_of_it_survives(kind: object) -> None:
    told = list(kind())  # type: ignore[operator]
    lost = [each.text + " -> " + left(each) for each in told if survives(each)]
    assert len(told) > 100
    assert len(lost) <= (1 - LEAST) * len(told), "\n".join(lost)
