"""Finds secrets that are words: passwords, names of accounts, and the turns of a combination lock.

The words before them say what they are. A password ends with its clause, since any word may belong to it.
"""

from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.digits import items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.ordinary import describes
from gateway.redact.language.words import Word, is_number, phrase_length, shortened, span_of

_VERB_REACH = 6  # words between the word for a secret and "is": "the password for my laptop is"
_LONGEST = 10  # words of a secret
_TURNS = 3  # numbers of a combination that is told without a word for a lock
_TURNS_OF_LOCK = 2
_AS = frozenset({"as", "under", "im", "its", "como"})


def find_passwords(words: Sequence[Word], locale: Locale) -> list[Span]:
    """Spans of passwords and names of accounts that are words, and of combinations with turns."""
    s = locale.secrets
    return [
        *_told(words, s.words, "number", locale),
        *_told(words, s.handles, "email", locale),
        *_told_weakly(words, locale),
        *_on_networks(words, locale),
        *_combinations(words, locale),
    ]


def _told(words: Sequence[Word], kinds: frozenset[str], label: str, locale: Locale) -> Iterator[Span]:
    """ "my password is purple elephant", "log in with the password purple elephant", "wifi password tiger nine"."""
    for at in range(len(words)):
        length = phrase_length(words, at, kinds)
        if not length:
            continue
        last = at + length - 1
        first = _behind_verb(words, last, locale)
        if first is not None:
            end = _clause_end(words, first, locale)
            if end is not None and not _only_described(words, first, locale):
                yield span_of(words, first, end, label)
        elif (
            _given(words, at, last, locale)
            or _asked_for(words, at, last, locale)
            or (label == "email" and _at_behind(words, last, locale))
        ):
            yield span_of(words, last + 1, _clause_end(words, last + 1, locale) or last + 1, label)


def _asked_for(words: Sequence[Word], at: int, last: int, locale: Locale) -> bool:
    """ "memorable word dandelion": an answer to who asks for it, without a verb."""
    asked = "_".join(word.low for word in words[at : last + 1]) in locale.secrets.asked_for
    return asked and at == 0 and last + 1 < len(words) and words[last + 1].low not in locale.function_words


def _told_weakly(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """ "the wifi is purple monkey dishwasher": two words and more that do not say how it is."""
    for at, word in enumerate(words[:-1]):
        copula = words[at + 1].low in locale.secrets.copulas
        if word.low not in locale.secrets.weak_words or not (copula or shortened(word)):
            continue
        first = at + 1 + copula
        end = _clause_end(words, first, locale)
        if end is None or end < first + 1 or _only_described(words, first, locale):
            continue
        how = describes(words[end].low, locale) or words[first].low in locale.secrets.states
        if not how and not any(each.low in locale.function_words for each in words[first : end + 1]):
            yield span_of(words, first, end, "number")


def _at_behind(words: Sequence[Word], last: int, locale: Locale) -> bool:
    """ "twitter handle at cobalt heron"."""
    return last + 2 < len(words) and words[last + 1].low in locale.emails.at


def _on_networks(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """ "add me on snapchat it's lil marzipan", "sígueme en instagram soy nube gris": a name in a network."""
    s = locale.secrets
    for at in range(len(words)):
        network = at + phrase_length(words, at, s.found_me)
        first = network + 1
        if network == at or first >= len(words) or words[network].low not in s.networks:
            continue
        verb = words[first].low in locale.names.named_by | locale.emails.at | locale.names.selves | _AS
        first += verb or shortened(words[first])
        end = _clause_end(words, first, locale) if first > network + 1 else None
        if end is not None and not _only_described(words, first, locale):
            yield span_of(words, first, end, "email")


def _behind_verb(words: Sequence[Word], last: int, locale: Locale) -> int | None:
    """The word behind "is", where it belongs to the secret that ends at word `last`."""
    if shortened(words[last]):
        return last + 1
    for at in range(last + 1, min(len(words), last + 1 + _VERB_REACH)):
        if words[at].low in locale.secrets.copulas:
            return at + 1
        if is_number(words[at].low, locale) or words[at].gap.strip():
            return None
    return None


def _only_described(words: Sequence[Word], first: int, locale: Locale) -> bool:
    """Whether a sentence tells how a password is: "is wrong", "is too short", "is the same as before"."""
    f, s, low = locale.functions, locale.secrets, words[first].low
    after = words[first + 1].low if first + 1 < len(words) else ""
    if low in locale.emails.at and after and after not in locale.function_words:
        return False  # "my instagram is at moss underscore fern"
    if low in f.articles:
        return after in s.described or not after
    how = low in s.states and (not after or after in locale.function_words | s.states)
    return how or low in s.degrees or (low in locale.function_words and not is_number(low, locale))


def _given(words: Sequence[Word], at: int, last: int, locale: Locale) -> bool:
    """Whether the secret follows without a verb: after "with the password", or when it ends with a number."""
    end = _clause_end(words, last + 1, locale)
    if end is None or words[last + 1].low in locale.secrets.things or shortened(words[last]):
        return False
    said = [word.low for word in words[last + 1 : end + 1]]
    if any(low in locale.function_words for low in said):
        return False
    before = {word.low for word in words[max(0, at - 2) : at]}
    return bool(before & locale.secrets.given) or (len(said) > 1 and is_number(said[-1], locale))


def _clause_end(words: Sequence[Word], first: int, locale: Locale) -> int | None:
    """The last word of the clause that begins at `first`; None where there is none."""
    end = first - 1
    while end + 1 < len(words) and end + 1 - first < _LONGEST:
        ahead = words[end + 1]
        stops = any(sign in ahead.gap for sign in ".;!?") and ahead.gap != ahead.gap.rstrip()  # not in "cactus!99"
        if end >= first and (stops or _breaks(words, end + 1, locale)):
            break
        end += 1
    while end >= first and words[end].low in locale.functions.sentence_ends:
        end -= 1
    return end if end >= first else None


def _breaks(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether a new clause begins: "and my", "so", "but"."""
    s, f = locale.secrets, locale.functions
    after = words[at + 1].low if at + 1 < len(words) else ""
    return words[at].low in s.breaks or (words[at].low in locale.numbers.within and after in f.determiners)


def _combinations(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """ "left twelve right thirty one left four": numbers with a turn at each."""
    s, n = locale.secrets, locale.numbers
    items = {item.first: item for item in items_of(words, locale)}
    passing = s.turning | n.fillers | n.connectors
    lock = bool({word.low for word in words} & s.locks)
    at = 0
    while at < len(words):
        first, last, numbers, turns, here = None, at, 0, 0, at
        while here < len(words):
            low = words[here].low
            if here in items:
                last, numbers = items[here].last, numbers + 1
            elif low in s.turns:
                last, turns = here, turns + 1
            elif first is None or low not in passing:
                break
            first = here if first is None else first
            here = items[here].last + 1 if here in items else here + 1
        least = _TURNS_OF_LOCK if lock else _TURNS
        if first is not None and numbers >= least and turns >= least - 1:
            yield span_of(words, first, last, "number")
        at = max(here, at + 1)
