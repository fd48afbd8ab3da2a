"""Sections of a locale: numbers, letters, e-mails, dates, addresses, secrets, and words that hold sentences together.

Each section is one table of a file in locales/. The comments of English's (locales/en.yaml) tell what a key is for.
A key of several words is written with underscores there.
"""

import msgspec

Words = frozenset[str]


class Numbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Number words and what stands between, before and behind numbers."""

    units: dict[str, int]
    tens: dict[str, int]
    hundreds: dict[str, int]
    magnitudes: dict[str, int]
    repeats: dict[str, int]
    within: Words
    homophones: dict[str, int]
    ordinals: Words
    points: Words
    joiners: Words
    fractions: Words
    fillers: Words
    connectors: Words
    corrections: Words
    cues: dict[str, Words]
    plate_cues: Words
    no_cues: Words
    plural_cues: Words
    strong: Words
    secret_words: Words
    clock_before: Words
    clock_after: Words
    clock_anywhere: Words
    alarms: Words
    bounds: Words
    joins: Words
    adding: Words
    counted: Words
    context: Words
    operations: Words
    year_decades: Words
    scores: Words
    errors: Words
    costs: Words
    each: Words
    keys: Words
    sayings: Words
    counting: Words


class Letters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that spell a letter: of an alphabet, by its name, or sounding like it."""

    alphabet: dict[str, str]
    names: dict[str, str]
    pairs: dict[str, str]
    sounds: dict[str, str]
    links: Words
    skips: Words
    acronyms: Words
    broadcast: Words


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How addresses of machines are said. Cues are written without spaces, as "i p" and "ip" are one."""

    signs: dict[str, str]
    mac_cues: Words
    ip_cues: Words


class Emails(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an address is said."""

    at: Words
    dots: Words
    marks: dict[str, str]
    bare: Words
    providers: Words
    joins: Words
    tied: Words
    cues: Words
    before_mailbox: Words
    no_mailbox: Words


class Dates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a date of birth and a card's expiry are said."""

    months: dict[str, int]
    between: Words
    born: Words
    ages: Words
    ages_further: Words
    age_words: Words
    aged: Words
    has_age: Words
    not_ages: Words
    expiry_between: Words
    until: Words
    turned: Words
    theirs: Words
    turned_self: Words
    year_before: Words
    cohort_before: Words
    cohort_behind: Words
    birth: Words
    not_birth: Words
    answering: Words
    questions: Words
    expiry: Words
    expiry_of: Words
    expiry_forms: Words


class Addresses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Forms of streets. `number_first`: "12 Oak Hill Road", else "Calle Mayor 12"."""

    number_first: bool
    numbers: Words
    tied: Words
    found_at: Words
    homes: Words
    house_cues: Words
    floors: Words
    schools: Words
    generic_schools: Words
    attends: Words
    works: Words
    works_at: Words
    businesses: Words
    latitudes: Words
    longitudes: Words
    minus: Words
    degrees: Words
    between_degrees: Words
    types: Words
    weak_types: Words
    vague_types: Words
    boxes: Words
    corners: Words
    corner_joins: Words
    lived: Words
    units: Words
    flats: Words
    blocks: Words
    houses: Words
    sides: Words
    places: Words
    found_on: Words
    directions: Words
    prefixes: Words
    not_names: Words
    media: Words


class Functions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that hold a sentence together and are nobody's name."""

    determiners: Words
    articles: Words
    prepositions: Words
    auxiliaries: Words
    pronouns: Words
    others: Words
    sentence_ends: Words
    edges: Words
    verbs: Words
    inflected: Words
    finite: Words
    questions: Words
    leads: Words


class Secrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words for secrets made of words, and for the turns of a combination lock."""

    words: Words
    asked_for: Words
    weak_words: Words
    networks: Words
    found_me: Words
    handles: Words
    copulas: Words
    given: Words
    states: Words
    degrees: Words
    described: Words
    things: Words
    breaks: Words
    turns: Words
    turning: Words
    locks: Words


class Ordinary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words and endings that say how or what somebody is and are no names."""

    states: Words
    modern: Words
    endings: Words
    clitics: Words


class Things(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words around what is a thing's name, where no dictionary has it: a brand, a dish, an app."""

    articles: Words
    kinds: Words
    served: Words
    started: Words
    listed: Words
    lists: Words
    played: Words
    stops: Words
    records: Words
