"""Turns identities into needles, and leaves out values that are too common to look for.

A needle must be rare by itself. These are no needles: cities, states and postal codes (thousands share them); family
names alone; contact names of one word ("Mom"); streets without a house number; given names that are also everyday words
or places ("Will", "April", "Madison") or that two households share; ids shorter than six characters. What is left out
is counted by field, so that a report can name it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from gateway.identities import Household, Identities
from scenarios.leaks.needles.everyday import everyday_words
from scenarios.leaks.needles.identifiers import id_needles
from scenarios.leaks.needles.literals import words_of
from scenarios.leaks.needles.needle import SEVERITIES, Needle
from scenarios.leaks.needles.values import values_of

__all__ = ["JOIN_TAG_OWNER", "SEVERITIES", "Needle", "NeedleSet", "join_tag_needles", "needles_of"]

JOIN_TAG_OWNER = "HARNESS"


class NeedleSet(msgspec.Struct, frozen=True, kw_only=True):
    """The needles. `left_out` counts, by field, the values that are too common or too short to be needles by
    themselves.
    """

    needles: tuple[Needle, ...]
    left_out: dict[str, int]


def needles_of(identities: Identities) -> NeedleSet:
    """Return the needles of every household. A value that two fields share stands once per owner."""
    left_out: Counter[str] = Counter()
    common = _shared_given_names(identities) | _localities(identities) | everyday_words()
    shared = _shared_family_names(identities) | everyday_words()
    found: list[Needle] = []
    for home in identities.households:
        own: dict[tuple[str, str, str], Needle] = {}
        for field, variants in values_of(home, common, shared):
            if not variants:
                left_out[field] += 1
            for needle in variants:
                own.setdefault((needle.family, needle.key, needle.field), needle)
        found += own.values()
        left_out.update(_only_beside_others(home))
    return NeedleSet(needles=tuple(found), left_out=dict(left_out))


def _only_beside_others(home: Household) -> Iterator[str]:
    """Return the fields whose values are searched for only beside another value of the same home."""
    yield from ("members.family_name" for member in home.members if member.family_name)
    for place in (home.home, *home.homes):
        yield from (f"home.{part}" for part in ("city", "postal_code") if place and getattr(place, part))


def join_tag_needles(tags: Iterable[str]) -> tuple[Needle, ...]:
    """Return needles of the harness's own secret tags. A reviewer who sees one can join what must stay apart."""
    made = (id_needles(tag, field="join_tag", owner=JOIN_TAG_OWNER) for tag in tags)
    return tuple(needle for variants in made for needle in variants)


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
    """Return the words of every city and state in the file. A contract may show these on purpose."""
    places = [place for home in identities.households for place in (home.home, *home.work) if place]
    return frozenset(word for p in places for word in words_of(f"{p.city or ''} {p.state or ''}").split())
