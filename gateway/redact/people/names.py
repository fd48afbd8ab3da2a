"""Finds names: those of the household and its contacts however a recogniser wrote them, and names spelled out.

The label says whose name it is. `strangers` and `introductions` find names by grammar alone.
"""

from collections.abc import Sequence

import jellyfish

from gateway.clip import Span
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, digits_in, is_day, shortened, span_of, spells
from gateway.redact.people.alike import Known, find_known, forms, is_known, parts_of, unspaced
from gateway.redact.people.asked import find_asked
from gateway.redact.people.dealings import find_dealings
from gateway.redact.people.full_names import find_full_names
from gateway.redact.people.introductions import find_introduced
from gateway.redact.people.spelling import find_spelled
from gateway.redact.people.strangers import find_strangers

_PERSON, _CONTACT = "person", "contact"
_O = "o"
_BETWEEN_LETTERS = 2  # words a recogniser may have made of letters


def find_names(
    text: str, words: Sequence[Word], names: Sequence[str], contact_names: Sequence[str], locale: Locale
) -> list[Span]:
    """Spans of names, labelled person or contact."""
    own = [name for name in names if name not in set(contact_names)]
    found: list[Span] = []
    labels: dict[str, str] = {}
    for label, group in ((_PERSON, own), (_CONTACT, contact_names)):
        known = Known.of(_wanted(group, locale))
        labels |= {form: label for form in known.letters if len(form) > 1}
        families = {form for name in group for form in forms(parts_of(name)[-1] if parts_of(name) else name)}
        for first, last in find_known(words, known, locale):
            if first == last and _is_month(words, first, locale):
                continue
            begin = _with_misheard_before(words, first, last, group, locale)
            found.append(_with_remnants(words, begin, last, label, families, locale))
        found += _signs(text, group, label)
    found += _spelled_behind(words, found, locale)
    named = [
        *_together(words, found, find_spelled(words, labels, locale)),
        *_halves(words, contact_names, locale),
        *find_strangers(words, labels, locale),
        *find_introduced(words, locale),
        *find_dealings(words, locale),
        *find_asked(words, locale),
        *find_full_names(words, found, locale),
    ]
    return [_with_initials(words, span) for span in named]


def _with_initials(words: Sequence[Word], span: Span) -> Span:
    """`span` with the initials before it: "T. J. Okafor"."""
    first = next((at for at, word in enumerate(words) if word.start >= span.start), 0)
    while first > 0 and len(words[first - 1].low) == 1 and words[first].gap.startswith("."):
        first -= 1
    start = words[first].start if words and words[first].start < span.start else span.start
    return Span(start=start, end=span.end, label=span.label)


def _is_month(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether a name that is a month stands in a date: "may third", "the third of may"."""
    if words[at].low not in locale.dates.months or shortened(words[at]):
        return False
    dated = at + 1 < len(words) and (
        is_day(words[at + 1].low, locale) or len(digits_in(words[at + 1].low)) in (1, 2, 4)
    )
    between = at > 1 and words[at - 1].low in locale.dates.between and is_day(words[at - 2].low, locale)
    return dated or between


def _spelled_behind(words: Sequence[Word], said: Sequence[Span], locale: Locale) -> list[Span]:
    """Letters behind a name that spell it, over misheard words: "tara t was a r a"."""
    ends = {span.end: span.label for span in said}
    found = []
    for at, word in enumerate(words):
        if word.end not in ends:
            continue
        last, letters, here = at, 0, at + 1
        while here < len(words) and here - last <= _BETWEEN_LETTERS + 1:
            low = words[here].low
            if spells(low, locale):
                last, letters = here, letters + 1
            elif low not in locale.function_words:
                break
            here += 1
        if letters > 1:
            found.append(span_of(words, at + 1, last, ends[word.end]))
    return found


def _together(words: Sequence[Word], said: Sequence[Span], spelled: Sequence[Span]) -> list[Span]:
    """Known names and spelled ones. A spelled name beside a known one of the same label becomes one span with it."""
    starts = {word.start: words[at - 1].end if at else -1 for at, word in enumerate(words)}
    joined = list(said)
    for span in spelled:
        for at, other in enumerate(joined):
            beside = starts.get(other.start) == span.end or starts.get(span.start) == other.end
            if beside and other.label == span.label:
                start, end = min(span.start, other.start), max(span.end, other.end)
                joined[at] = Span(start=start, end=end, label=span.label)
                break
        else:
            joined.append(span)
    return joined


def _wanted(names: Sequence[str], locale: Locale) -> list[str]:
    """Every name, its parts, and each part with the particles before it; particles alone are nobody's name.

    "Ottoline van der Meer" is ottoline, meer, van der meer, der meer; "O'Flannery" is flannery too.
    """
    wanted = []
    for name in names:
        parts, n = parts_of(name), locale.names
        if not unspaced(name):
            wanted += _single([name], locale)
        for first in range(len(parts)):
            for last in range(first, len(parts)):
                run = parts[first : last + 1]
                alone = len(run) == 1 and (run[0].casefold() in n.particles or (len(run[0]) < 2))
                particles = all(part.casefold() in n.particles for part in run)
                if not (alone or (particles and len(run) < len(parts))):
                    wanted.append("".join(run) if unspaced(name) else " ".join(run))
        wanted += [f"{part} {parts[-1]}" for part in parts[:-2] if part.casefold() not in locale.names.particles]
    return [each for each in wanted if len("".join(each.split())) > 1]


def _single(names: Sequence[str], locale: Locale) -> list[str]:
    """The parts of names that stand for somebody alone."""
    singles = []
    for name in names:
        for part in parts_of(name):
            low = part.casefold().replace("’", "'")
            if low in locale.names.particles:
                continue
            singles.append(part)
            head, _, tail = low.partition("'")
            if head in (_O, "d", "l") and len(tail) > 2:
                singles.append(tail)
            for prefix in ("mc", "mac"):
                if low.startswith(prefix) and len(low) > len(prefix) + 4:
                    singles.append(low)
    return singles


def _signs(text: str, names: Sequence[str], label: str) -> list[Span]:
    """Names of scripts without spaces, wherever their signs stand."""
    found = []
    for name in names:
        if unspaced(name) and len(name) > 1:
            at = text.find(name)
            while at >= 0:
                found.append(Span(start=at, end=at + len(name), label=label))
                at = text.find(name, at + len(name))
    return found


def _with_remnants(
    words: Sequence[Word], first: int, last: int, label: str, families: set[str], locale: Locale
) -> Span:
    """A name's span with an article beside it that stands for a misheard first or family name."""
    articles = locale.functions.articles
    low = words[first].low
    behind = words[last + 1].low if last + 1 < len(words) else ""
    plural = "".join(ch for ch in low if ch.isalnum()) not in families
    if first == last and first > 0 and words[first - 1].low in articles and not plural and _no_noun(behind, locale):
        first -= 1
    if last + 1 < len(words) and behind in articles and _adrift(words, last + 1, locale):
        last += 1
    return span_of(words, first, last, label)


def _with_misheard_before(words: Sequence[Word], first: int, last: int, names: Sequence[str], locale: Locale) -> int:
    """The first word with what a recogniser made of the part before: "shawn" of Sean, "van den" of van der."""
    family = "".join(ch for word in words[first : last + 1] for ch in word.low if ch.isalnum())
    whole = [parts_of(name) for name in names if len(parts_of(name)) > 1]
    given = {
        jellyfish.soundex(form) for parts in whole if family in forms(" ".join(parts[1:])) for form in forms(parts[0])
    }
    while first > 0:
        low = words[first - 1].low
        particle = low in locale.names.particles - locale.function_words and len(low) > 2
        alike = len(low) > 2 and low.isascii() and low not in locale.function_words and jellyfish.soundex(low) in given
        if not (particle or alike):
            break
        first -= 1
    return first


def _no_noun(behind: str, locale: Locale) -> bool:
    return behind not in locale.names.family_nouns


def _adrift(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether an article has no noun behind it, because a family name was misheard."""
    return at + 1 == len(words) or words[at + 1].low in locale.function_words


def _halves(words: Sequence[Word], contact_names: Sequence[str], locale: Locale) -> list[Span]:
    """One name of a contact who has two, beside a small word in the place of the other one."""
    full = [list(forms(part)) for name in contact_names for part in (parts_of(name) or [""])[:1]]
    given = {form for group in full for form in group}
    families = {form for name in contact_names if len(parts_of(name)) > 1 for form in forms(parts_of(name)[-1])} - given
    two = {form for name in contact_names if len(parts_of(name)) > 1 for form in forms(parts_of(name)[0])}
    n, found = locale.names, list[Span]()
    for at, word in enumerate(words):
        verb = locale.functions.verbs - {"will", "can"} if locale.language == "en" else locale.functions.verbs
        before = words[at - 1].low if at else ""
        noun = at + 1 < len(words) and words[at + 1].low in n.family_nouns
        if word.low in families and before in locale.function_words - verb and not noun:
            found.append(span_of(words, at - 1, at, _CONTACT))
        followed = locale.functions.prepositions | locale.functions.inflected
        ends = at + 2 == len(words) or (at + 2 < len(words) and words[at + 2].low in followed)
        if word.low in two and ends and words[at + 1].low in n.out_of_place:
            found.append(span_of(words, at, at + 1, _CONTACT))
    return found


def names_in(words: Sequence[Word], names: Sequence[str], locale: Locale) -> bool:
    """Whether any word is one of `names`."""
    known = Known.of(_wanted(names, locale))
    return any(is_known(word.low, known, locale) for word in words)
