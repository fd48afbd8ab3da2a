"""Identities -> needles: the values a response may not hold, and which of them are specific enough to look for.

A needle must be rare by itself. No needles: cities, states and postal codes (shared by thousands), family names
alone, single-word contact names ("Mom"), streets without a house number, given names that are also everyday words
or places ("Will", "April", "Madison") or that two households share, and ids shorter than six characters.
What was left out is counted by field, so that a report can say what was not looked for.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import phonenumbers

from gateway.identities import Contact, Household, Identities, Member, Place, Secret
from scenarios.leaks.needles.bearers import bearers
from scenarios.leaks.needles.literals import digits_of, words_of
from scenarios.leaks.needles.names import full_name, is_unspaced, unspaced_keys
from scenarios.leaks.needles.streets import Street, street_keys, unspaced_streets
from scenarios.verdict import Severity

Family = Literal["words", "id", "digits"]

JOIN_TAG_OWNER = "HARNESS"
MIN_ID = 6  # letters and digits; an id this short must also mix both
MIN_COMPACT = 8  # from here on an id is searched with its separators removed
MIN_DIGITS = 7
MIN_GIVEN_NAME = 4
MIN_FAMILY_NAME = 6
MIN_STREET = 5  # letters and digits
MIN_NAME = 4  # letters of a name of two words
MIN_ONE_WORD = 10  # letters from which a name of one word is no other word
_SHORT_UNSPACED = 2  # signs; thousands bear such a name, and it stands inside other words
# What people call a contact instead of a name.
_ROLES = frozenset(
    "dentist doctor plumber electrician pharmacy school office grandma grandpa grandmother grandfather mother father "
    "sister brother landlord neighbor neighbour babysitter mechanic hairdresser restaurant hospital emergency police "
    "voicemail daughter husband cousin auntie garage clinic vet veterinarian lawyer accountant taxi pizza"
    " manager".split()
)
_NO_INITIALS = frozenset("aisdtm")  # words by themselves, or what an apostrophe leaves: "a carpenter", "Ann's potter"

COMMON_NAME = 1_000  # people who bear a name, from which on it tells of nobody by itself
SHARED_NAME = 100

SEVERITIES: dict[str, Severity] = {
    "members.given_name": "low",
    "contacts.name": "medium",
    "secrets.value": "critical",
}


class Needle(msgspec.Struct, frozen=True, kw_only=True):
    """One value to look for. `key` is its normal form in the `family`'s view of a text:

    words: folded, separators as single spaces, whole words only; id: the same without spaces, anywhere;
    digits: digits only, a whole number over any separators. `possible`: it may as well be somebody else; `bearers`:
    how many people of a large country share it.
    """

    family: Family
    key: str
    value: str
    field: str
    household_id: str
    person_id: str | None = None
    label: str = ""
    possible: bool = False
    bearers: float = 0.0

    @property
    def severity(self) -> Severity:
        if self.possible or self.bearers >= COMMON_NAME:
            return "low"
        severity = SEVERITIES.get(self.field, "high")
        return "medium" if self.bearers >= SHARED_NAME and severity == "high" else severity

    @property
    def masked(self) -> str:
        """First letter and length for words, the last two digits for numbers; never more."""
        if self.family == "digits":
            return f"{self.label}{len(self.key)} digits ending {self.key[-2:]}"
        return f"{self.label}{self.value.strip()[:1]}… ({len(self.value.strip())} characters)"


class NeedleSet(msgspec.Struct, frozen=True, kw_only=True):
    """`left_out` counts by field the values too common or too short to be needles."""

    needles: tuple[Needle, ...]
    left_out: dict[str, int]


def needles_of(identities: Identities) -> NeedleSet:
    """Every specific value of every household; values that two fields share stand once per owner."""
    left_out: Counter[str] = Counter()
    common = _shared_given_names(identities) | _localities(identities) | everyday_words()
    shared = _shared_family_names(identities) | everyday_words()
    found: dict[tuple[str, str, str, str], Needle] = {}
    for home in identities.households:
        for field, variants in _values(home, common, shared):
            if not variants:
                left_out[field] += 1
            for needle in variants:
                found.setdefault((needle.family, needle.key, needle.field, needle.household_id), needle)
    return NeedleSet(needles=tuple(found.values()), left_out=dict(left_out))


def join_tag_needles(tags: Iterable[str]) -> tuple[Needle, ...]:
    """The harness's own secret tags: a reviewer who sees one can join what must stay apart."""
    made = (_id(tag, field="join_tag", owner=JOIN_TAG_OWNER) for tag in tags)
    return tuple(needle for variants in made for needle in variants)


def _values(home: Household, common: frozenset[str], shared: frozenset[str]) -> Iterator[tuple[str, Sequence[Needle]]]:
    owner = home.household_id
    if home.customer_id:
        yield "customer_id", _id(home.customer_id, field="customer_id", owner=owner)
    for device in home.devices:
        yield "devices.site_id", _id(device.site_id, field="devices.site_id", owner=owner)
        if device.serial:
            yield "devices.serial", _id(device.serial, field="devices.serial", owner=owner)
    for field, places in (("home.street", [home.home]), ("work.street", home.work)):
        for place in places:
            if place and place.street:
                yield field, _street(place, field, owner)
    for member in home.members:
        yield from _of_person(member, "members", owner, member.person_id)
        if member.given_name:
            yield "members.given_name", _given_name(member, owner, common)
        if initials := _initials(member.name or "", owner, member.person_id, shared):
            yield "members.name", initials
    for contact in home.contacts:
        yield from _of_person(contact, "contacts", owner, None)
    for secret in home.secrets:
        yield "secrets.value", _secret(secret, owner)


def _of_person(
    person: Member | Contact, group: str, owner: str, person_id: str | None
) -> Iterator[tuple[str, Sequence[Needle]]]:
    given, family = getattr(person, "given_name", None), getattr(person, "family_name", None)
    if name := full_name(person.name, given, family):
        yield f"{group}.name", _full_name(name, f"{group}.name", owner, person_id, given=given, family=family)
    for phone in person.phones:
        yield f"{group}.phones", _phone(phone, f"{group}.phones", owner, person_id)
    for email in person.emails:
        field, key = f"{group}.emails", words_of(email)
        known = [_words(key, email, field, owner, person_id)]
        yield field, known if _size(key) >= MIN_COMPACT else ()


def _words(
    key: str, value: str, field: str, owner: str, person_id: str | None = None, *, possible: bool = False
) -> Needle:
    return Needle(
        family="words", key=key, value=value, field=field, household_id=owner, person_id=person_id, possible=possible
    )


def _full_name(
    name: str, field: str, owner: str, person_id: str | None, *, given: str | None = None, family: str | None = None
) -> Sequence[Needle]:
    """As written and family name first ("Lovelace, Ada"); without spaces where its script has none."""
    found: list[Needle] = []
    words = words_of(name).split()
    if is_unspaced(name):
        for key in unspaced_keys(name, given, family):
            if len(key) > 1:
                needle = _words(key, name, field, owner, person_id, possible=len(key) <= _SHORT_UNSPACED)
                found.append(msgspec.structs.replace(needle, family="id"))
        return found
    if len(words) == 1:
        return _one_word(words[0], name, field, owner, person_id)
    size = sum(map(len, words))
    if len(words) < 2 or size < MIN_NAME:
        return ()
    everyday = is_everyday(words)
    orders = {" ".join(words), " ".join([words[-1], *words[:-1]])}
    made = (_words(key, name, field, owner, person_id, possible=everyday) for key in sorted(orders))
    return [msgspec.structs.replace(needle, bearers=bearers(name)) for needle in made]


def is_everyday(words: Sequence[str]) -> bool:
    """A name that may as well be something else: very short, or of everyday words only ("Will May")."""
    return sum(map(len, words)) < MIN_ID or all(word in everyday_words() for word in words)


def _one_word(word: str, name: str, field: str, owner: str, person_id: str | None) -> Sequence[Needle]:
    """A name of one word: what is short or an everyday word ("Mom", "Dentist") is none."""
    if len(word) < MIN_ID or word in everyday_words() or (field == "contacts.name" and word in _ROLES):
        return ()
    return [_words(word, name, field, owner, person_id, possible=len(word) < MIN_ONE_WORD)]


def _initials(name: str, owner: str, person_id: str, shared: frozenset[str]) -> Sequence[Needle]:
    """ "A. Lovelace": only with a family name that is no everyday word and that no other household bears."""
    words = words_of(name).split()
    if len(words) < 2 or len(words[-1]) < MIN_FAMILY_NAME or words[-1] in shared or words[0][0] in _NO_INITIALS:
        return ()
    return [_words(f"{words[0][0]} {words[-1]}", name, "members.name", owner, person_id, possible=True)]


def _given_name(member: Member, owner: str, common: frozenset[str]) -> Sequence[Needle]:
    name = member.given_name or ""
    key = words_of(name)
    if len(key) < MIN_GIVEN_NAME or " " in key or key in common:
        return ()
    return [_words(key, name, "members.given_name", owner, member.person_id)]


def _phone(phone: str, field: str, owner: str, person_id: str | None) -> Sequence[Needle]:
    """E.164 and national digits."""
    try:
        national = phonenumbers.national_significant_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        national = digits_of(phone)
    keys = [key for key in dict.fromkeys((digits_of(phone), national)) if len(key) >= MIN_DIGITS]
    return [
        Needle(family="digits", key=key, value=phone, field=field, household_id=owner, person_id=person_id)
        for key in keys
    ]


def _street(place: Place, field: str, owner: str) -> Sequence[Needle]:
    """House number and street, in the forms people write them."""
    street = place.street or ""
    if is_unspaced(street):
        keys = unspaced_streets(street)
        return [msgspec.structs.replace(_words(key, street, field, owner), family="id") for key in keys]
    common = Street(street).is_common
    found = [
        _words(key, street, field, owner, possible=possible or common)
        for key, possible in sorted(street_keys(street).items())
    ]
    return found if any(_size(needle.key) >= MIN_STREET for needle in found) else ()


def _secret(secret: Secret, owner: str) -> Sequence[Needle]:
    found = _id(secret.value, field="secrets.value", owner=owner)
    label = secret.kind.replace("_", " ") + " "
    return [msgspec.structs.replace(needle, label=label) for needle in found]


def _id(value: str, *, field: str, owner: str) -> Sequence[Needle]:
    """Numbers as digits, long ids without their separators, short ones as whole words; words are no ids."""
    key = words_of(value)
    compact = key.replace(" ", "")
    mixed = any(c.isdigit() for c in compact) and any(c.isalpha() for c in compact)
    family: Family
    if compact.isdigit():
        if len(compact) < MIN_DIGITS:
            return ()
        family, key = "digits", compact
    elif len(compact) >= MIN_COMPACT and mixed:
        family, key = "id", compact
    elif len(compact) >= MIN_ID and (mixed or len(compact) > 2 * MIN_ID):
        family = "words"
    else:
        return ()
    return [Needle(family=family, key=key, value=value, field=field, household_id=owner)]


def _size(key: str) -> int:
    return len(key) - key.count(" ")


def _shared_given_names(identities: Identities) -> frozenset[str]:
    bearers: Counter[str] = Counter()
    for home in identities.households:
        bearers.update({words_of(member.given_name) for member in home.members if member.given_name})
    return frozenset(name for name, homes in bearers.items() if homes > 1)


def _shared_family_names(identities: Identities) -> frozenset[str]:
    bearers: Counter[str] = Counter()
    for home in identities.households:
        bearers.update({word for name in _names_in(home) for word in words_of(name).split()[-1:]})
    return frozenset(name for name, homes in bearers.items() if homes > 1)


def _names_in(home: Household) -> Iterator[str]:
    yield from (member.name for member in home.members if member.name)
    yield from (contact.name for contact in home.contacts if contact.name)


def _localities(identities: Identities) -> frozenset[str]:
    """Words of every city and state in the file: a contract may show these on purpose."""
    places = [place for home in identities.households for place in (home.home, *home.work) if place]
    return frozenset(word for p in places for word in words_of(f"{p.city or ''} {p.state or ''}").split())


@cache
def everyday_words() -> frozenset[str]:
    text = (files("scenarios.leaks.needles") / "everyday_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
