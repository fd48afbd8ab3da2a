"""Finds people's names: with middle names put in or left out, with the family name first, and run together.

A name is a given name and a family name. Between them may stand initials, the person's other names, a particle, or
another person of the same home ("Will and May Tarkington"). User names run the two together, with or without digits
behind them ("adalovelace84", "alovelace1990").
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import msgspec

from gateway.identities import Contact, Household, Identities, Member
from scenarios.leaks.needles.bearers import bearers
from scenarios.leaks.needles.everyday import everyday_words, is_everyday
from scenarios.leaks.needles.literals import literals, words_of
from scenarios.leaks.needles.names import CONNECTORS, PARTICLES, PersonName, full_name, parts_of, person_name
from scenarios.leaks.needles.needle import Needle

_ANYWHERE = 5  # letters from which a family name is also looked for inside longer words
_WITHIN = 12  # letters from which both names stand by intention in a longer word
_LONGEST_GIVEN = 20
_RUN_TOGETHER = 8  # letters from which a user name of two whole names is one
_INITIAL = 6  # letters of a family name from which an initial before it makes a user name
_GAP = 4  # words between given name and family name
_AROUND = 80  # bytes looked at on either side of a family name


class _Person(msgspec.Struct, frozen=True):
    needle: Needle
    own: frozenset[str]
    firsts: frozenset[str]  # of the home's people, but for what is the person's own family name
    initials: frozenset[str]


class People:
    """Knows every member and contact with a given name and a family name. An instance must not be used by two threads
    at once.
    """

    def __init__(self, identities: Identities, *, plain: bool = False) -> None:
        self._people: list[_Person] = []
        self._cores: dict[str, dict[str, list[int]]] = {}
        self._own: dict[str, set[str]] = {}  # by family name: all names of all who bear it
        homes: dict[str, set[str]] = {}
        for home in identities.households:
            for needle, name, firsts in people_of(home):
                self._add(needle, name, firsts)
                for core in name.cores:
                    homes.setdefault(core, set()).add(home.household_id)
        self._rare = {core for core, owners in homes.items() if len(owners) == 1} - everyday_words()
        keys = [core if len(core) >= _ANYWHERE else f" {core} " for core in self._cores]
        self._literals = literals(keys, plain=plain)

    def search(self, words: bytes, *, within: Sequence[tuple[int, int]] = ()) -> Iterator[tuple[Needle, str]]:
        """Yield (needle, how) of every name. Some names come more than once. `words` come from `spaced`.

        Names inside one of the spans `within` are left out: they are part of something longer, such as an e-mail
        address. Positions count one space in front of the words.
        """
        if not self._cores:
            return
        data = b" " + words + b" "
        for key, begin, stop in self._literals.search(data):
            core = key.strip()
            start, end = (begin, stop) if core == key else (begin + 1, stop - 1)
            if any(first <= start and end <= last for first, last in within):
                continue
            head = data[data.rfind(b" ", 0, start) + 1 : start].decode("utf-8", "replace")
            tail = data[end : data.find(b" ", end)].decode("utf-8", "replace").rstrip("0123456789")
            whole = data[end : end + 1] == b" "
            if not head and whole:
                yield from self._beside(core, data, start, end)
            elif head or tail:
                yield from self._run_together(core, head, tail)

    def _beside(self, core: str, data: bytes, start: int, end: int) -> Iterator[tuple[Needle, str]]:
        before = data[max(0, start - _AROUND) : start].decode("utf-8", "ignore").split()[: -_GAP - 2 : -1]
        after = data[end : end + _AROUND].decode("utf-8", "ignore").split()[: _GAP + 1]
        givens = self._cores[core].keys()
        if givens.isdisjoint(before) and givens.isdisjoint(after):
            return
        for near, ahead in ((before, True), (after, False)):
            between: list[str] = []
            strange = 0
            for word in near:
                for at in self._cores[core].get(word, ()):
                    person = self._people[at]
                    own = all(len(each) == 1 or each in person.own or each in person.firsts for each in between)
                    if own and strange == 0:
                        yield person.needle, "name"
                    elif ahead and strange == 1 and len(core) >= _ANYWHERE:
                        yield msgspec.structs.replace(person.needle, possible=True), "another name between (possible)"
                if word in CONNECTORS or word in PARTICLES:
                    continue
                if len(word) > 1 and word not in self._own[core]:
                    strange += 1
                    if strange > 1:
                        break
                between.append(word)

    def _run_together(self, core: str, head: str, tail: str) -> Iterator[tuple[Needle, str]]:
        """Yield people whose user name this is: "adalovelace", "lovelaceada", "alovelace". Digits behind it are cut off
        already.
        """
        if len(core) >= _ANYWHERE and len(head) + len(core) + len(tail) > _WITHIN:
            yield from self._within(core, head, tail)
        given = head if head and not tail else tail if tail and not head else ""
        if len(given) + len(core) < _RUN_TOGETHER or not given:
            return
        for at in self._cores[core].get(given, ()):
            yield self._people[at].needle, "run together"
        if len(given) == 1 and given == head and len(core) >= _INITIAL and core in self._rare:
            for people in self._cores[core].values():
                for at in people:
                    if given in self._people[at].initials:
                        yield msgspec.structs.replace(self._people[at].needle, possible=True), "user name (possible)"

    def _within(self, core: str, head: str, tail: str) -> Iterator[tuple[Needle, str]]:
        """Yield people both of whose names stand beside each other in a longer word: "getAdaLovelaceTest"."""
        for size in range(max(_WITHIN - len(core), 2), _LONGEST_GIVEN):
            beside = {head[-size:] if len(head) >= size else "", tail[:size] if len(tail) >= size else ""}
            for given in beside - {""}:
                for at in self._cores[core].get(given, ()):
                    yield self._people[at].needle, "run together"

    def _add(self, needle: Needle, name: PersonName, firsts: frozenset[str]) -> None:
        at = len(self._people)
        self._people.append(_Person(needle, name.own, firsts, _initials("".join({given[0] for given in name.givens}))))
        for core in name.cores:
            if core not in self._cores:
                self._cores[core], self._own[core] = {}, set()
            self._own[core].update(name.own, firsts)
            givens = self._cores[core]
            for given in name.givens:
                if given in givens:
                    givens[given].append(at)
                else:
                    givens[given] = [at]


@cache
def _initials(letters: str) -> frozenset[str]:
    """Return the letters as a set, which thousands of people share."""
    return frozenset(letters)


def people_of(home: Household) -> Iterator[tuple[Needle, PersonName, frozenset[str]]]:
    """Yield members and contacts with their names and the first names of their home, which may stand between the parts
    of each other's names.
    """
    people: Sequence[Member | Contact] = (*home.members, *home.contacts)
    first_names = _first_names(people)
    for person in people:
        given, family = parts_of(person)
        value = full_name(person.name, given, family)
        if value is None:
            continue
        name = person_name(value, given, family)
        if name is None:
            continue
        firsts = first_names if first_names.isdisjoint(name.cores) else first_names - name.cores
        yield (
            Needle(
                family="words",
                key=words_of(value),
                value=value,
                field="members.name" if isinstance(person, Member) else "contacts.name",
                household_id=home.household_id,
                person_id=person.person_id if isinstance(person, Member) else None,
                bearers=bearers(value),
                possible=is_everyday(name.whole),
            ),
            name,
            firsts,
        )


def _first_names(people: Iterable[Member | Contact]) -> frozenset[str]:
    words = (words_of(person.name).split() for person in people if person.name)
    return frozenset(each[0] for each in words if len(each) > 1)
