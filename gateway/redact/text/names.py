"""Names: the household's own and its contacts' (also misspelled or spelled out), and strangers by grammar.

Whoever is called or written to is a contact, known to the address book or not; a word that cannot stand where an
addressee must stand is taken for a misheard name.
"""

from collections.abc import Iterator, Mapping, Sequence

import jellyfish

from gateway.clip import Span
from gateway.redact.text.words import (
    DETERMINERS,
    FUNCTION_WORDS,
    NATO,
    PREPOSITIONS,
    Word,
    letter_of,
    span_of,
    words_of,
)

_ALIKE_LETTERS = 5  # shorter names are only taken as written: too many words sound like them
_ALIKE_EDITS = 2
_SPELLED_LETTERS = 4  # of a stranger; "u s a" and "a b c" are no names
_PERSON, _CONTACT = "person", "contact"

# "<verb> <addressee>" and "<noun> to|for <addressee>".
_VERBS = frozenset("message text call phone ring dial email e-mail mail tell ask remind invite".split())
_NOUNS = frozenset("message text email e-mail mail letter note reminder voicemail".split())
_ALONE = frozenset("call phone ring dial".split())  # verbs whose addressee is followed by nothing of the message
_NOBODY = frozenset(
    "me us you him her them it everyone everybody someone somebody anyone mom mum mummy dad daddy mother father "
    "grandma grandpa granny home work police taxi cab emergency number numbers list lists back call calls message "
    "messages text texts again off waiting answered failed voicemail".split()
)
_KIN = frozenset("mother father mom mum dad sister brother wife husband son daughter boss doctor friend".split())
_TITLES = frozenset("mister mr mrs missus ms professor prof aunt auntie uncle sir madam".split())
_BEFORE_VERBS = frozenset("to please you and can will i we then or just should could not alexa echo computer".split())
_OUT_OF_PLACE = frozenset("what there here no so then one it will can was".split())  # behind a name, before "on"
_NO_STARTS = frozenset("is was are were be on in at from with about that so then no here there what when if".split())


def find_names(words: Sequence[Word], names: Sequence[str], contact_names: Sequence[str]) -> list[Span]:
    """Spans of names, labelled person or contact."""
    labels = _labels(names, contact_names)
    return [
        *_known(words, labels),
        *_halves(words, contact_names),
        *_spelled(words, labels),
        *(span for at in _addressee_slots(words) for span in _addressee(words, at, labels)),
        *_introduced(words),
    ]


def _labels(names: Sequence[str], contact_names: Sequence[str]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for label, known in ((_PERSON, names), (_CONTACT, contact_names)):
        labels |= {part.low: label for name in known for part in words_of(name) if len(part.low) > 1}
    return labels


def _known(words: Sequence[Word], labels: Mapping[str, str]) -> list[Span]:
    """Names as written or as they sound; the article a misheard first name left before a family name goes too."""
    sounds = {jellyfish.metaphone(name): name for name in labels if len(name) >= _ALIKE_LETTERS}
    found = []
    for at, word in enumerate(words):
        label = labels.get(word.low) or _alike(word.low, labels, sounds)
        if label is None and "-" in word.low:
            label = next((labels[part] for part in word.low.split("-") if part in labels), None)
        if label is not None:
            first = at - 1 if at > 0 and words[at - 1].low in ("the", "a") else at
            last = at + 1 if at + 1 < len(words) and _article_adrift(words, at + 1) else at
            found.append(span_of(words, first, last, label))
    return found


def _halves(words: Sequence[Word], contact_names: Sequence[str]) -> list[Span]:
    """One name of a contact that has two, beside a small word that stands where the other was said."""
    full = [tuple(part.low for part in words_of(name)) for name in contact_names]
    given, family = ({parts[at] for parts in full if len(parts) > 1} for at in (0, -1))
    found = []
    for at, word in enumerate(words):
        if word.low in family - given and at > 0 and words[at - 1].low in FUNCTION_WORDS:
            found.append(span_of(words, at - 1, at, _CONTACT))
        ends = at + 2 == len(words) or (at + 2 < len(words) and words[at + 2].low in PREPOSITIONS)
        if word.low in given and ends and words[at + 1].low in _OUT_OF_PLACE:
            found.append(span_of(words, at, at + 1, _CONTACT))
    return found


def _alike(low: str, labels: Mapping[str, str], sounds: Mapping[str, str]) -> str | None:
    """The label of a name this word sounds like: same Metaphone key, at most two letters apart, same beginning."""
    if len(low) < _ALIKE_LETTERS or low in FUNCTION_WORDS or not low.isalpha():
        return None
    name = sounds.get(jellyfish.metaphone(low))
    near = name is not None and low[0] == name[0] and jellyfish.damerau_levenshtein_distance(low, name) <= _ALIKE_EDITS
    return labels[name] if near and name is not None else None


def _article_adrift(words: Sequence[Word], at: int) -> bool:
    """An article with no noun behind it: a family name was misheard."""
    return words[at].low in ("the", "a") and (at + 1 == len(words) or words[at + 1].low in FUNCTION_WORDS)


def _spelled(words: Sequence[Word], labels: Mapping[str, str]) -> list[Span]:
    """Runs of letters, "l a u r a" or "lima alpha uniform": known names from two letters, strangers from four.

    Written as one word ("L-A-U-R-A") they are a run too. One word between letters may be misheard.
    """
    found = []
    for first, last in _letter_runs(words):
        letters = "".join(letter for word in words[first : last + 1] if (letter := letter_of(word.low)))
        label = next((labels[name] for name in labels if len(name) > 1 and name in letters), None)
        alphabet = sum(word.low in NATO for word in words[first : last + 1]) >= _SPELLED_LETTERS - 1
        if label or alphabet or len(letters) >= _SPELLED_LETTERS:
            found.append(span_of(words, first, last, label or _PERSON))
    for at, word in enumerate(words):
        pieces = word.low.replace("-", ".").split(".")
        if len(pieces) >= _SPELLED_LETTERS and all(len(piece) == 1 for piece in pieces):
            found.append(span_of(words, at, at, labels.get("".join(pieces), _PERSON)))
    return found


def _letter_runs(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(words):
        if letter_of(words[at].low) is None:
            at += 1
            continue
        first = last = at
        while True:
            if last + 1 < len(words) and letter_of(words[last + 1].low) is not None:
                last += 1
            elif last + 2 < len(words) and last > first and letter_of(words[last + 2].low) is not None:
                last += 2
            elif last + 3 < len(words) and words[last + 1].low in ("for", "as") and letter_of(words[last + 3].low):
                last += 3  # "l for lion a for ..."
            else:
                break
        if last > first:
            yield first, last
        at = last + 1


def _addressee_slots(words: Sequence[Word]) -> Iterator[int]:
    """Where an addressee must stand: after a verb of calling, after "message to", after "send"."""
    for at, word in enumerate(words):
        after = words[at + 1].low if at + 1 < len(words) else None
        if after is None:
            continue
        verbal = (at <= 1 and not (at and words[0].low in DETERMINERS)) or words[at - 1].low in _BEFORE_VERBS
        if word.low in _NOUNS and after in ("to", "for") and at + 2 < len(words):
            yield at + 2
        elif word.low in _VERBS and verbal:
            yield at + 2 if after == "to" and at + 2 < len(words) else at + 1
        elif word.low in ("send", "let", "hi", "hello") and after not in DETERMINERS and after != "to":
            if word.low != "let" or any(each.low == "know" for each in words[at + 2 : at + 4]):
                yield at + 1
        elif word.low == "send" and after in ("the", "a") and _holds_nothing(words, at + 1):
            yield at + 1  # "send the a message": a misheard name


def _holds_nothing(words: Sequence[Word], at: int) -> bool:
    return at + 1 < len(words) and words[at + 1].low in FUNCTION_WORDS


def _addressee(words: Sequence[Word], at: int, labels: Mapping[str, str]) -> list[Span]:
    low = words[at].low
    after = words[at + 1].low if at + 1 < len(words) else None
    if low in _NOBODY or low in ("when", "if", "what", "about", "how", "why", "where", "to", "and", "or", "again"):
        return []
    if low in DETERMINERS:
        if low in ("my", "our", "your") and after in _KIN | _NOBODY and at + 2 < len(words):
            return []
        held = after is not None and after not in FUNCTION_WORDS
        return [] if held and after not in labels else [span_of(words, at, at, _CONTACT)]
    last = at
    called = at > 0 and words[at - 1].low in _ALONE
    if called and after and after not in FUNCTION_WORDS | _NOBODY | _KIN and low not in _NO_STARTS:
        last = at + 1
    return [span_of(words, at, last, _CONTACT)]


def _introduced(words: Sequence[Word]) -> list[Span]:
    """ "my name is X", "this is X speaking", "mister X", "X speaking"."""
    found = []
    for at, word in enumerate(words):
        low = word.low
        if low in FUNCTION_WORDS or at == 0:
            continue
        before, further = words[at - 1].low, words[at - 2].low if at > 1 else ""
        named = before in ("is", "was", "called") and further in ("name", "surname", "is", "named")
        here = before == "is" and further == "this" and at + 1 < len(words) and words[at + 1].low in _SPEAKING
        if named or here or before in _TITLES or (before in ("doctor", "dr") and further not in DETERMINERS):
            more = at + 1 < len(words) and named and words[at + 1].low not in FUNCTION_WORDS
            found.append(span_of(words, at, at + 1 if more else at, _PERSON))
    return found


_SPEAKING = frozenset("speaking calling here from".split())
