"""Finds names that are not in the address book, by grammar: persons who are called or written to.

A person who is called or written to is a contact. A word that cannot be an addressee, but stands in the place of one,
is a misheard name.
"""

from collections.abc import Iterator, Mapping, Sequence

from gateway.clip import Span
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, is_number, shortened, span_of
from gateway.redact.people.candidates import is_named_so, names_from
from gateway.redact.people.things import is_title

_CONTACT = "contact"
_SENT_REACH = 4  # words between "send" and the "to" of what is sent


def find_strangers(words: Sequence[Word], labels: Mapping[str, str], locale: Locale) -> list[Span]:
    """Spans of names by grammar; `labels` are the known names."""
    slots = _addressee_slots(words, labels, locale)
    addressed = [span for at in slots for span in _addressees(words, at, labels, locale)]
    return [*addressed, *_called(words, locale), *_senders(words, locale)]


def _low(words: Sequence[Word], at: int) -> str | None:
    return words[at].low if 0 <= at < len(words) else None


def _addressee_slots(words: Sequence[Word], labels: Mapping[str, str], locale: Locale) -> Iterator[int]:
    """The places where an addressee must stand: behind a verb of calling, behind "message to", behind "send"."""
    n, f = locale.names, locale.functions
    for at, word in enumerate(words):
        after = _low(words, at + 1)
        if after is None or is_title(words, at, locale):
            continue
        verbal = (at <= 1 and not (at and _owns(words[0], labels, locale))) or words[at - 1].low in n.before_verbs
        verbal = verbal and not (word.low in n.nouns and at == 1 and words[0].low in n.sending)  # "send email now"
        sent = word.low not in n.nouns_sent or any(each.low in n.sending for each in words[max(0, at - 4) : at])
        if at == 0 and word.low in n.nouns and after in f.auxiliaries:
            continue  # "email is down again"
        if word.low in n.nouns and at and words[at - 1].low in locale.function_words and after in n.froms:
            continue  # "that email from desiree"
        if word.low in n.nouns and sent and after in n.towards_noun and at + 2 < len(words):
            yield at + 2
            if word.low in n.verbs and verbal and words[at + 2].low in locale.function_words:
                yield at + 1  # "text for that dinner is ready": a misheard name
        elif word.low in n.talks and after in n.towards and at + 2 < len(words):
            yield at + 2
        elif word.low in n.verbs and verbal:
            if after in n.towards:
                if at + 2 < len(words):
                    yield at + 2
                elif not n.towards_needed:
                    yield at + 1
            elif not n.towards_needed:
                yield at + 1
        elif word.low in n.sends and _named_behind(words, at + 1, labels, locale):
            continue
        elif word.low in n.sends and after in locale.function_words and _low(words, at + 2) in n.towards:
            if at + 3 < len(words):
                yield at + 3  # "send that to X"
        elif word.low in n.sends & n.sending and after not in n.nouns and _low(words, at + 2) in n.towards - f.others:
            if at + 3 < len(words):
                yield at + 3  # "send flowers to X"
        elif (
            word.low in n.sends
            and after not in f.determiners
            and after not in n.towards | n.nouns
            and not n.towards_needed
        ):
            telling = n.lets.get(word.low)
            if telling is None or any(each.low == telling for each in words[at + 2 : at + 4]):
                yield at + 1
        elif word.low in n.sends and after in f.articles and _holds_nothing(words, at + 1, locale):
            yield at + 1  # "send the a message": a misheard name


def _owns(word: Word, labels: Mapping[str, str], locale: Locale) -> bool:
    """Whether a noun comes next: behind "my", "kate's" and "kates"."""
    named = (shortened(word) and word.low in labels) or word.low.removesuffix("s") in labels.keys() - {word.low}
    return named or word.low in locale.functions.determiners


def _called(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """Names right behind "calling": "i'm calling leopold", "estoy llamando a leopoldo"."""
    n, f = locale.names, locale.functions
    for at, word in enumerate(words):
        if word.low not in n.calling or not at:
            continue
        before = words[at - 1]
        if not (before.low in f.auxiliaries or shortened(before) or before.low.endswith(("'m", "'re"))):
            continue  # "texting apps"
        first = at + 2 if n.towards_needed and _low(words, at + 1) in n.towards else at + 1
        low = _low(words, first)
        if low is not None and low not in locale.function_words | n.nobody | n.kin and not is_number(low, locale):
            yield span_of(words, first, _name_end(words, first, locale), _CONTACT)


def _senders(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """Names behind "the last message from". A word at the end that is no name was a misheard one."""
    n, f = locale.names, locale.functions
    for at in range(2, len(words)):
        low = words[at].low
        if words[at - 1].low not in n.froms or words[at - 2].low not in n.nouns | {f"{noun}s" for noun in n.nouns}:
            continue
        ends = at + 1 == len(words)
        strange = low not in locale.function_words | n.nobody | n.kin | locale.numbers.clock_after
        if strange or (ends and low in locale.function_words - locale.functions.sentence_ends - f.determiners):
            yield span_of(words, at, at, _CONTACT)


def _named_behind(words: Sequence[Word], at: int, labels: Mapping[str, str], locale: Locale) -> bool:
    """Whether a known addressee stands behind "to" a few words on: then no misheard name stands at `at`.

    "send a that to laura" holds a misheard "message".
    """
    if words[at].low in labels or words[at].low not in locale.function_words:
        return False
    for to in range(at + 1, min(len(words) - 1, at + _SENT_REACH)):
        if words[to].low in locale.names.towards and words[to + 1].low in labels:
            return True
    return False


def _holds_nothing(words: Sequence[Word], at: int, locale: Locale) -> bool:
    return at + 1 < len(words) and words[at + 1].low in locale.function_words


def _addressees(words: Sequence[Word], at: int, labels: Mapping[str, str], locale: Locale) -> list[Span]:
    """Whoever is addressed at `at`, with the family's name and with those whom "and" ties to it."""
    found = _addressee(words, at, labels, locale)
    names = [span_of(words, first, last, _CONTACT) for first, last in names_from(words, at, locale)] if found else []
    return [*found, *names]


def _addressee(words: Sequence[Word], at: int, labels: Mapping[str, str], locale: Locale) -> list[Span]:
    n, f = locale.names, locale.functions
    low = words[at].low
    after = _low(words, at + 1)
    if n.towards_needed and after in n.kin and _ends_as_name(words, at + 2, locale):
        return [span_of(words, at + 2, at + 2, _CONTACT)]
    if _in_place_of_name(words, at, labels, locale):
        return [span_of(words, at, at, _CONTACT)]
    if low in n.nobody or (low in n.no_addressees and after is not None) or is_number(low, locale):
        return []
    if low in locale.numbers.clock_before and after is not None and is_number(after, locale):
        return []  # "the nurse will call at three"
    if low in locale.function_words and after in locale.names.ones:
        return []  # "reply to that one"
    if low in f.inflected and at > 1 and words[at - 2].low in n.towards:
        return []  # "the number to call is"
    if low in f.determiners:
        if after in n.kin | n.nobody and at + 2 < len(words):
            return []
        held = after is not None and after not in locale.function_words
        return [] if held and after not in labels else [span_of(words, at, at, _CONTACT)]
    last = _name_end(words, at, locale)
    after = _low(words, last + 1)
    called = at > 0 and (words[at - 1].low in n.alone or (at > 1 and words[at - 2].low in n.alone))
    told = last + 2 < len(words) and words[last + 2].low in n.reports
    named = after is not None and after not in locale.function_words | n.nobody | n.kin
    if (called or told) and named and low not in n.no_starts:
        last = _name_end(words, last + 1, locale)
    return [span_of(words, at, last, _CONTACT)]


def _in_place_of_name(words: Sequence[Word], at: int, labels: Mapping[str, str], locale: Locale) -> bool:
    """Whether a small word at `at` was a name, by what follows: "call one", "tell what that i am late"."""
    n, low, after = locale.names, words[at].low, _low(words, at + 1)
    if low in n.ones and after is None:
        return True
    led = after in labels or after in (locale.functions.prepositions - n.of - n.towards) | n.reports
    return led and low in n.ones | locale.ties | n.towards | (locale.functions.questions & n.out_of_place)


def _ends_as_name(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """ "llama a la abuela encarna": whether word `at` can only be a name, and nothing goes on that it could do."""
    ends = at + 1 >= len(words) or words[at + 1].low in locale.function_words
    return ends and is_named_so(words, at, locale)


def _name_end(words: Sequence[Word], at: int, locale: Locale) -> int:
    """The last word of one name that begins at `at`: "mary-jane", "de la cruz" and "mc donald" are one each."""
    last = at
    while last + 1 < len(words) and (
        words[last + 1].gap == "-"
        or (words[last].low in locale.names.particles and words[last + 1].low not in locale.names.ends)
    ):
        last += 1
    return last
