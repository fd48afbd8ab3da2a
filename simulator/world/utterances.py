"""Fills the templates of utterances.yaml for one household and marks every word that gives something away."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
import numpy as np
import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml
from gateway.identities import Household, Member, SecretKind

UTTERANCES = Path(__file__).parent / "utterances.yaml"

Lines = tuple[str, ...]
Ways = Literal["plain", "people"]
FalseWake = Literal["literature", "engine", "conversation"]
FALSE_WAKES: tuple[FalseWake, ...] = ("literature", "engine", "conversation")
T = TypeVar("T")

_SLOT = re.compile(r"\{([a-z_]+)\}")
_FIELDS = {
    "contact": "contacts.name",
    "contact_name": "contacts.name",
    "city": "home.city",
    "phone": "members.phones",
    "card": "secrets.value",
    "bank_account": "secrets.value",
    "ssn": "secrets.value",
    "street": "home.street",
    "person": "members.given_name",
}
_SECRET_KINDS: dict[str, SecretKind] = {"card": "card", "bank_account": "bank_account", "ssn": "ssn"}
_NUMBERS = frozenset({"phone", "card", "bank_account", "ssn"})
_NAMES = frozenset({"contact", "person"})
_DIGITS = "oh one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One word as it is given to the synthesiser, punctuation and all; `secret` as in `truth.SpokenWord`.

    `slot` is what the word was filled in for ("card"), None for words of the template.
    """

    text: str
    secret: str | None = None
    slot: str | None = None


class FalseWakes(BaseModel):
    """Lines that wake a device although nobody called it, by kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    literature: Lines = Field(min_length=1)
    engine: Lines = Field(min_length=1)
    conversation: Lines = Field(min_length=1)

    def of(self, kind: FalseWake) -> Lines:
        return {"literature": self.literature, "engine": self.engine, "conversation": self.conversation}[kind]


class Background(BaseModel):
    """Talk around a request: `before` it, and after it `plain` or `telling` somebody's secrets; `children` do both."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    before: Lines = Field(min_length=1)
    plain: Lines = Field(min_length=1)
    children: Lines = Field(min_length=1)
    telling: Lines = Field(min_length=1)


class Phrasebook(BaseModel):
    """All lines of a fleet. `wake` and `button` are grouped by intent."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    wake: dict[str, Lines] = Field(min_length=1)
    button: dict[str, Lines] = Field(min_length=1)
    false_wake: FalseWakes
    distress: Lines = Field(min_length=1)
    wake_like: Lines = Field(min_length=1)
    television: Lines = Field(min_length=2)
    background: Background

    @pydantic.model_validator(mode="after")
    def _slots_are_known(self) -> "Phrasebook":
        for line in self.every_line():
            for slot in _SLOT.findall(line):
                if slot not in _FIELDS:
                    raise ValueError(f"{{{slot}}} is nothing a household has; allowed: {', '.join(sorted(_FIELDS))}")
        return self

    def every_line(self) -> list[str]:
        by_intent = [lines for kind in (self.wake, self.button) for lines in kind.values()]
        false_wakes = [self.false_wake.of(kind) for kind in FALSE_WAKES]
        around = self.background
        talk = [around.before, around.plain, around.children, around.telling]
        flat = [*false_wakes, self.distress, self.wake_like, self.television, *talk]
        return [line for lines in (*by_intent, *flat) for line in lines]

    def requests(self, kind: Literal["wake", "button"]) -> Mapping[str, Lines]:
        return self.wake if kind == "wake" else self.button


@functools.cache
def load_phrasebook(path: Path = UTTERANCES) -> Phrasebook:
    """Load the phrasebook. Raises BadFile for an unknown key, an empty list, or an unknown slot."""
    try:
        return Phrasebook.model_validate(read_yaml(path))
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, Phrasebook)) from None


def fill(
    template: str, home: Household, speaker: Member | None, rng: np.random.Generator, ways: Ways = "plain"
) -> tuple[Word, ...] | None:
    """The words of `template` as `speaker` of `home` says them. None if the home has no value for a slot.

    A slot's words keep the punctuation that follows it. With `ways` plain, numbers are said digit by digit and names
    once. With `ways` people, they say "double five", "zero" for "oh", and sometimes spell a name after saying it.
    """
    words: list[Word] = []
    for token in template.split():
        slot = _SLOT.match(token)
        if slot is None:
            words.append(Word(text=token))
            continue
        said = _said(slot[1], home, speaker, rng)
        if not said:
            return None
        if ways == "people":
            said = as_people_say(said, rng, number=slot[1] in _NUMBERS, name=slot[1] in _NAMES)
        said[-1] += token[slot.end() :]
        words += [Word(text=text, secret=_FIELDS[slot[1]], slot=slot[1]) for text in said]
    return tuple(words)


def plain_text(word: str) -> str:
    """A word without the punctuation around it."""
    return word.strip(".,?!;:\"'")


def digits_aloud(digits: str, groups: tuple[int, ...]) -> list[str]:
    """The digits as words, with a pause after each group. The last group takes the rest."""
    words = [_DIGITS[int(digit)] for digit in digits]
    edges = np.cumsum(groups)[:-1]
    return [word + ("," if at + 1 in edges else "") for at, word in enumerate(words)]


def as_people_say(words: list[str], rng: np.random.Generator, *, number: bool, name: bool) -> list[str]:
    """Draw a way of saying the words. The draw does not depend on the words, so that twins draw the same."""
    way = float(rng.random())
    if number:
        if way < 0.4:
            words = _doubled(words)
        return ["zero" + word[2:] if way >= 0.7 and word.rstrip(",") == "oh" else word for word in words]
    if name and way < 0.25:
        spelled = list("".join(words).upper())
        return [*words[:-1], words[-1] + ",", *spelled]
    return words


def _doubled(words: list[str]) -> list[str]:
    """ "five five" within a group as "double five"."""
    said: list[str] = []
    at = 0
    while at < len(words):
        if at + 1 < len(words) and words[at] == words[at + 1].rstrip(",") and not words[at].startswith("double"):
            said += ["double", words[at + 1]]
            at += 2
        else:
            said.append(words[at])
            at += 1
    return said


def house_number_aloud(number: str) -> list[str]:
    """Pairs of digits from the right, as people read addresses: 1427 fourteen twenty seven, 305 three oh five."""
    pairs = [number[max(0, end - 2) : end] for end in range(len(number), 0, -2)][::-1]
    return [word for pair in pairs for word in _pair(pair)]


def _pair(pair: str) -> list[str]:
    value = int(pair)
    if pair == "00":
        return ["hundred"]
    if value < 10:
        return [_DIGITS[0], _DIGITS[value]] if len(pair) == 2 else [_DIGITS[value]]
    if value < 20:
        return [_TEENS[value - 10]]
    return [_TENS[value // 10 - 2], *([_DIGITS[value % 10]] if value % 10 else [])]


def _said(slot: str, home: Household, speaker: Member | None, rng: np.random.Generator) -> list[str]:
    """The words for a slot, without final punctuation. Empty if the home has no value for it."""
    if slot in ("contact", "contact_name"):
        names = [contact.name.split() for contact in home.contacts if contact.name]
        known = _one(names, rng) or []
        return known[:1] if slot == "contact" else known
    if slot in _SECRET_KINDS:
        value = next((s.value for s in home.secrets if s.kind == _SECRET_KINDS[slot]), "")
        groups = {"card": (4, 4, 4, 4), "bank_account": (4, 4, 4), "ssn": (3, 2, 4)}[slot]
        return digits_aloud("".join(ch for ch in value if ch.isdigit()), groups)
    if slot == "phone":
        people = [speaker] if speaker and speaker.phones else [m for m in home.members if m.phones]
        person = _one(people, rng)
        return digits_aloud(person.phones[0].removeprefix("+1").lstrip("+"), (3, 3, 4)) if person else []
    if slot == "person":
        others = [m.given_name for m in home.members if m.given_name and m is not speaker]
        other = _one(others, rng)
        return [other] if other else []
    if slot == "street":
        number, _, street = ((home.home.street if home.home else None) or "").partition(" ")
        return [*house_number_aloud(number), *street.split()] if number.isdigit() and street else []
    return (home.home.city or "").split() if home.home else []


def _one(choices: list[T], rng: np.random.Generator) -> T | None:
    return choices[int(rng.integers(len(choices)))] if choices else None
