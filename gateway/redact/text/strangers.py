"""Names that are not in the address book, found by grammar: persons who are called, written to, introduced or titled.

A person who is called or written to is a contact. A word that cannot be an addressee, but is in its place, is taken
for a misheard name.
"""

from collections.abc import Iterator, Mapping, Sequence

from gateway.clip import Span
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, span_of

_PERSON, _CONTACT = "person", "contact"


def find_strangers(words: Sequence[Word], labels: Mapping[str, str], locale: Locale) -> list[Span]:
    """Spans of names by grammar; `labels` are the known names."""
    slots = _addressee_slots(words, locale)
    addressed = [span for at in slots for span in _addressee(words, at, labels, locale)]
    return [*addressed, *_senders(words, locale), *_introduced(words, locale)]


def _low(words: Sequence[Word], at: int) -> str | None:
    return words[at].low if 0 <= at < len(words) else None


def _addressee_slots(words: Sequence[Word], locale: Locale) -> Iterator[int]:
    """Where an addressee must stand: after a verb of calling, after "message to", after "send"."""
    n, f = locale.names, locale.functions
    for at, word in enumerate(words):
        after = _low(words, at + 1)
        if after is None:
            continue
        verbal = (at <= 1 and not (at and words[0].low in f.determiners)) or words[at - 1].low in n.before_verbs
        sent = word.low not in n.nouns_sent or any(each.low in n.sending for each in words[max(0, at - 4) : at])
        if word.low in n.nouns and sent and after in n.towards_noun and at + 2 < len(words):
            yield at + 2
            if word.low in n.verbs and verbal and words[at + 2].low in locale.function_words:
                yield at + 1  # "text for that dinner is ready": a misheard name
        elif word.low in n.verbs and verbal:
            if after in n.towards:
                if at + 2 < len(words):
                    yield at + 2
                elif not n.towards_needed:
                    yield at + 1
            elif not n.towards_needed:
                yield at + 1
        elif word.low in n.sends and after not in f.determiners and after not in n.towards and not n.towards_needed:
            telling = n.lets.get(word.low)
            if telling is None or any(each.low == telling for each in words[at + 2 : at + 4]):
                yield at + 1
        elif word.low in n.sends and after in f.articles and _holds_nothing(words, at + 1, locale):
            yield at + 1  # "send the a message": a misheard name


def _senders(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """ "the last message from X": a name, or at the end a word that is none and was misheard."""
    n, f = locale.names, locale.functions
    for at in range(2, len(words)):
        low = words[at].low
        if words[at - 1].low not in n.froms or words[at - 2].low not in n.nouns | {f"{noun}s" for noun in n.nouns}:
            continue
        ends = at + 1 == len(words)
        strange = low not in locale.function_words | n.nobody | n.kin
        if strange or (ends and low in locale.function_words - locale.functions.sentence_ends - f.determiners):
            yield span_of(words, at, at, _CONTACT)


def _holds_nothing(words: Sequence[Word], at: int, locale: Locale) -> bool:
    return at + 1 < len(words) and words[at + 1].low in locale.function_words


def _addressee(words: Sequence[Word], at: int, labels: Mapping[str, str], locale: Locale) -> list[Span]:
    n, f = locale.names, locale.functions
    low = words[at].low
    after = _low(words, at + 1)
    if low in n.nobody or (low in n.no_addressees and after is not None):
        return []
    if low in f.determiners:
        if after in n.kin | n.nobody and at + 2 < len(words):
            return []
        held = after is not None and after not in locale.function_words
        return [] if held and after not in labels else [span_of(words, at, at, _CONTACT)]
    last = at
    called = at > 0 and (words[at - 1].low in n.alone or (at > 1 and words[at - 2].low in n.alone))
    if called and after and after not in locale.function_words | n.nobody | n.kin and low not in n.no_starts:
        last = at + 1
    return [span_of(words, at, last, _CONTACT)]


def _introduced(words: Sequence[Word], locale: Locale) -> list[Span]:
    """ "my name is X", "this is X speaking", "mister X", "X speaking"."""
    n, f = locale.names, locale.functions
    found = []
    for at, word in enumerate(words):
        if word.low in locale.function_words | n.nobody or at == 0:
            continue
        before, further = words[at - 1].low, words[at - 2].low if at > 1 else ""
        named = before in n.named_by and further in n.name_words
        here = before in n.named_by and further in n.me_words and _low(words, at + 1) in n.speaking
        if named or here or before in n.titles or (before in n.half_titles and further not in f.determiners):
            more = at + 1 < len(words) and named and words[at + 1].low not in locale.function_words
            found.append(span_of(words, at, at + 1 if more else at, _PERSON))
    return found
