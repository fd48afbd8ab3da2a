"""The section of a locale about names: the grammar that shows a name, and parts of names that are none alone.

Each section is one table of a file in locales/. The comments of English's (locales/en.yaml) tell what a key is for.
A key of several words is written with underscores there.
"""

import msgspec

Words = frozenset[str]


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Grammar that shows a name, and parts of names that are none alone."""

    particles: Words
    family_nouns: Words
    verbs: Words
    calling: Words
    talks: Words
    nouns: Words
    nouns_sent: Words
    alone: Words
    towards: Words
    reports: Words
    towards_noun: Words
    froms: Words
    towards_needed: bool
    sends: Words
    sending: Words
    lets: dict[str, str]
    nobody: Words
    kin: Words
    titles: Words
    half_titles: Words
    before_verbs: Words
    out_of_place: Words
    no_starts: Words
    no_addressees: Words
    ranks: Words
    labels: Words
    asked_who: Words
    trivia: Words
    asked_of: Words
    connects: Words
    on_line: Words
    calls_to: Words
    interjections: Words
    place_tails: Words
    persons: Words
    sells: Words
    does: Words
    allowed: Words
    called_both: Words
    mine: Words
    eldest: Words
    whose: Words
    selves_tied: Words
    rooms: Words
    room_kinds: Words
    shows: Words
    ones: Words
    named_by: Words
    name_words: Words
    me_words: Words
    speaking: Words
    opening: Words
    opens: Words
    opened: Words
    after_here: Words
    whereabouts: Words
    selves: Words
    presented: Words
    relations: Words
    relations_before_names: bool
    titles_with_article: bool
    kept: Words
    kept_for: Words
    given_to: Words
    gives: Words
    goes: Words
    close: Words
    mates_of: Words
    goes_on: Words
    ends: Words
    given_words: Words
    family_words: Words
    meetings: Words
    together: Words
    met: Words
    heard: Words
    asked: Words
    asked_whether: Words
    writes: Words
    has: Words
    back: Words
    called_so: Words
    fetches: Words
    fetched_from: Words
    greetings: Words
    of: Words
    days: Words
    books: Words
    belongings: Words
    lettered: Words
    letter_counts: Words
    hyphenated: Words
    people: Words
    nears: Words
    aimed: Words
    wheres: Words
    works: Words
    reads: Words
