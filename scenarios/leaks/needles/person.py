"""Turns members and contacts into needles: full names, and given names and initials where they are rare enough."""

from collections.abc import Iterator, Sequence

import msgspec

from gateway.identities import Contact, Member
from scenarios.leaks.needles.bearers import bearers
from scenarios.leaks.needles.chinese import other_script
from scenarios.leaks.needles.dates import date_needles
from scenarios.leaks.needles.everyday import everyday_words, is_everyday
from scenarios.leaks.needles.identifiers import (
    MIN_COMPACT,
    account_needles,
    national_id_needles,
    phone_needles,
)
from scenarios.leaks.needles.literals import words_of
from scenarios.leaks.needles.names import broken, full_name, is_unspaced, parts_of, romanised_phrases, unspaced_keys
from scenarios.leaks.needles.needle import Needle

MIN_GIVEN_NAME = 4
MIN_FAMILY_NAME = 6
MIN_NAME = 4  # letters of a name of two words
MIN_ONE_WORD = 6
SURE_ONE_WORD = 10  # letters from which a name of one word is no other word
_SHORT_UNSPACED = 2  # signs; thousands bear such a name, and it stands inside other words
# What people call a contact instead of a name.
_ROLES = frozenset(
    "dentist doctor plumber electrician pharmacy school office grandma grandpa grandmother grandfather mother father "
    "sister brother landlord neighbor neighbour babysitter mechanic hairdresser restaurant hospital emergency police "
    "voicemail daughter husband cousin auntie garage clinic vet veterinarian lawyer accountant taxi pizza"
    " manager".split()
)
_NO_INITIALS = frozenset("aisdtm")  # words by themselves, or what an apostrophe leaves: "a carpenter", "Ann's potter"


def of_member(
    member: Member, owner: str, common: frozenset[str], shared: frozenset[str]
) -> Iterator[tuple[str, Sequence[Needle]]]:
    """Yield the needles of a member. `common` are words that are no given name by themselves. `shared` are family names
    of several homes.
    """
    yield from of_person(member, "members", owner, member.person_id)
    if member.given_name:
        yield "members.given_name", _given_name(member, owner, common)
    if initials := _initials(member.name or "", member.family_name or "", owner, member.person_id, shared):
        yield "members.name", initials
    if member.birth_date:
        field = "members.birth_date"
        yield field, date_needles(member.birth_date, field, owner, member.person_id)
    for national in member.national_ids:
        field = "members.national_ids.value"
        yield field, national_id_needles(national, field, owner, member.person_id)
    for field, values in (("members.user_ids", member.user_ids), ("members.voice_ids", member.voice_ids)):
        for value in values:
            yield field, account_needles(value, field=field, owner=owner, person_id=member.person_id)


def of_person(
    person: Member | Contact, group: str, owner: str, person_id: str | None
) -> Iterator[tuple[str, Sequence[Needle]]]:
    """Yield the needles of name, phones and e-mail addresses."""
    given, family = parts_of(person)
    if name := full_name(person.name, given, family):
        yield f"{group}.name", _full_name(name, f"{group}.name", owner, person_id, given=given, family=family)
    for phone in person.phones:
        yield f"{group}.phones", phone_needles(phone, f"{group}.phones", owner, person_id)
    for email in person.emails:
        field, key = f"{group}.emails", words_of(email)
        known = [_words(key, email, field, owner, person_id)]
        yield field, known if len(key.replace(" ", "")) >= MIN_COMPACT else ()


def _words(
    key: str, value: str, field: str, owner: str, person_id: str | None = None, *, possible: bool = False
) -> Needle:
    return Needle(
        family="words", key=key, value=value, field=field, household_id=owner, person_id=person_id, possible=possible
    )


def _full_name(
    name: str, field: str, owner: str, person_id: str | None, *, given: str | None = None, family: str | None = None
) -> Sequence[Needle]:
    """Return a full name as written and with the family name first ("Lovelace, Ada"), without spaces where its script
    has none.
    """
    found: list[Needle] = []
    words = words_of(name).split()
    if is_unspaced(name):
        keys = unspaced_keys(name, given, family)
        for key in dict.fromkeys((*keys, *(other for each in keys for other in other_script(each)))):
            if len(key) > 1:
                needle = _words(key, name, field, owner, person_id, possible=len(key) <= _SHORT_UNSPACED)
                found.append(msgspec.structs.replace(needle, family="id"))
        whole = f"{family}{given}" if given and family else name
        return [*found, *(_words(key, name, field, owner, person_id) for key in sorted(romanised_phrases(whole)))]
    if len(words) == 1:
        return _one_word(words[0], name, field, owner, person_id)
    size = sum(map(len, words))
    if len(words) < 2 or size < MIN_NAME:
        return ()
    everyday = is_everyday(words)
    orders = {" ".join(words), " ".join([words[-1], *words[:-1]])}
    orders |= {key for key in map(words_of, broken(name)) if len(key) >= MIN_COMPACT and " " in key}
    made = (_words(key, name, field, owner, person_id, possible=everyday) for key in sorted(orders))
    return [msgspec.structs.replace(needle, bearers=bearers(name)) for needle in made]


def _one_word(word: str, name: str, field: str, owner: str, person_id: str | None) -> Sequence[Needle]:
    """Return a name of one word, unless it is short or an everyday word ("Mom", "Dentist")."""
    if len(word) < MIN_ONE_WORD or word in everyday_words() or (field == "contacts.name" and word in _ROLES):
        return ()
    return [_words(word, name, field, owner, person_id, possible=len(word) < SURE_ONE_WORD)]


def _initials(name: str, family: str, owner: str, person_id: str, shared: frozenset[str]) -> Sequence[Needle]:
    """Return "A. Lovelace" and "Lovelace A.", only if the family name is no everyday word and no other household bears
    it.
    """
    words, last = words_of(name).split(), words_of(family)
    if len(words) < 2 or not f" {' '.join(words)}".endswith(f" {last}") or not last:
        last = words[-1] if words else ""
    if len(words) < 2 or len(last) < MIN_FAMILY_NAME or words[-1] in shared or words[0][0] in _NO_INITIALS:
        return ()
    keys = [f"{words[0][0]} {last}"]
    # Family name first is usual where names are long or not Latin; "Potter H" is also a potter.
    if " " in last or not last.isascii():
        keys.append(f"{last} {words[0][0]}")
    return [_words(key, name, "members.name", owner, person_id, possible=True) for key in keys]


def _given_name(member: Member, owner: str, common: frozenset[str]) -> Sequence[Needle]:
    name = member.given_name or ""
    key = words_of(name)
    if len(key) < MIN_GIVEN_NAME or " " in key or key in common:
        return ()
    return [_words(key, name, "members.given_name", owner, member.person_id)]
