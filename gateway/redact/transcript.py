"""Which words of a transcript give a household away, and the transcript without them.

Known names, numbers, e-mails and streets come from the household's own address book (what a customer typed into
an app); what was never provisioned (cards, accounts, strangers) is recognised by its form and by grammar.
An attacker still learns that something of that class was said, and where in the sentence.
"""

import re
from collections.abc import Iterable, Sequence

from gateway.clip import Span
from gateway.vault_door import SiteFacts

_DIGIT_WORDS = {
    word: digits
    for digits, words in enumerate(
        "zero|oh|o|nought one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
    for word in words.split("|")
}
_TENS = {word: 10 * (at + 2) for at, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())}
_FILLERS = frozenset("double triple hundred thousand and dash hyphen plus area code".split())
_STREET_TYPES = (
    "street st avenue ave road rd lane ln drive dr court ct boulevard blvd way place pl circle square terrace "
    "trail parkway pass crossing plaza loop row highway route alley ridge valley heights hills point view walk"
).split()
_WORD = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*", re.UNICODE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.UNICODE)
_SPOKEN_EMAIL = re.compile(
    r"(?:[\w-]+(?: dot | underscore | dash )?){1,4} at (?:[\w-]+ dot )+(?:com|net|org|edu|info|biz|io|us|uk)\b",
    re.IGNORECASE,
)
_ADDRESSEE = re.compile(
    r"\b(?:message|text|call|phone|ring|dial|email|e-mail|mail|tell|ask|remind)(?: to| for)? "
    r"(?!(?:me|a|an|the|to|my|us|him|her|them|it|when|if|about|that|for|at|on)\b)([^\W\d_]+(?:['’-][^\W\d_]+)*)",
    re.IGNORECASE,
)
_MIN_DIGITS = 3


def find_spans(text: str, facts: SiteFacts, classes: Iterable[str]) -> list[Span]:
    """Character spans to mask, sorted, not overlapping; labels are contract mask classes.

    Where two overlap, the union takes the label of the one that starts first.
    """
    wanted = frozenset(classes)
    spans = [
        *_names(text, facts),
        *_emails(text, facts),
        *_streets(text, facts),
        *_numbers(text),
        *_addressees(text),
    ]
    return merge([span for span in spans if span.label in wanted])


def mask(text: str, spans: Sequence[Span]) -> str:
    """`text` with every span replaced by its placeholder, such as "[contact]"."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], f"[{span.label.replace('_', ' ')}]"]
        at = span.end
    return "".join([*parts, text[at:]])


def merge(spans: Iterable[Span]) -> list[Span]:
    """Sorted union of spans; touching ones stay apart."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, s.label)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Span(start=last.start, end=max(last.end, span.end), label=last.label)
        elif span.start < span.end:
            merged.append(span)
    return merged


def _names(text: str, facts: SiteFacts) -> list[Span]:
    labels: dict[str, str] = {}
    for label, names in (("person", facts.names), ("contact", facts.contact_names)):
        for part in (part for name in names for part in _WORD.findall(name)):
            if len(part) > 1:
                labels[part.casefold()] = label
    return [
        Span(start=word.start(), end=word.end(), label=labels[known])
        for word in _WORD.finditer(text)
        if (known := word.group().casefold().removesuffix("'s").removesuffix("’s")) in labels
    ]


def _emails(text: str, facts: SiteFacts) -> list[Span]:
    found = [Span(start=m.start(), end=m.end(), label="email") for m in _EMAIL.finditer(text)]
    found += [Span(start=m.start(), end=m.end(), label="email") for m in _SPOKEN_EMAIL.finditer(text)]
    return found + [span for email in facts.emails for span in _literal(text, email, "email")]


def _literal(text: str, value: str, label: str) -> list[Span]:
    pattern = re.escape(value)
    return [Span(start=m.start(), end=m.end(), label=label) for m in re.finditer(pattern, text, re.IGNORECASE)]


def _streets(text: str, facts: SiteFacts) -> list[Span]:
    """The household's own street names, and anything of the form <number> <words> <street type>."""
    words = list(_WORD.finditer(text))
    known = {" ".join(_street_words(street)) for street in facts.streets} - {""}
    found = []
    for at, word in enumerate(words):
        for length in (1, 2, 3, 4):
            run = words[at : at + length]
            joined = " ".join(w.group().casefold() for w in run)
            if joined in known:
                end = at + length
                typed = end < len(words) and words[end].group().casefold() in _STREET_TYPES
                found.append(Span(start=_number_before(words, at), end=words[end - (not typed)].end(), label="address"))
        if word.group().casefold() in _STREET_TYPES:
            for back in (1, 2, 3):
                if at - back > 0 and _is_number(words[at - back - 1].group()):
                    found.append(Span(start=_number_before(words, at - back), end=word.end(), label="address"))
                    break
    return found


def _street_words(street: str) -> list[str]:
    """ "12 Oak Hill Road Apt. 3" -> oak hill: without number, type and unit."""
    kept: list[str] = []
    for word in (w.casefold() for w in _WORD.findall(street)):
        if word.startswith(("apt", "suite", "unit")):
            break
        if not word.isdigit():
            kept.append(word)
    return kept[:-1] if kept and kept[-1] in _STREET_TYPES else kept


def _number_before(words: list[re.Match[str]], at: int) -> int:
    first = at
    while first > 0 and _is_number(words[first - 1].group()):
        first -= 1
    return words[first].start()


def _is_number(word: str) -> bool:
    low = word.casefold()
    return any(ch.isdigit() for ch in low) or low in _DIGIT_WORDS or low in _TENS or low in _FILLERS - {"and"}


def _numbers(text: str) -> list[Span]:
    """Runs of digits and number words that amount to at least three digits, by their form."""
    found: list[Span] = []
    run: list[re.Match[str]] = []
    for word in [*_WORD.finditer(text), None]:
        low = word.group().casefold() if word else ""
        if word and (_is_number(low) or (low == "and" and run)):
            run.append(word)
            continue
        while run and run[-1].group().casefold() in _FILLERS:
            run.pop()
        while run and run[0].group().casefold() in ("and", "area", "code", "dash"):
            run.pop(0)
        digits = _digits([w.group().casefold() for w in run])
        if len(digits) >= _MIN_DIGITS:
            found.append(Span(start=run[0].start(), end=run[-1].end(), label=_number_class(digits)))
        run = []
    return found


def _digits(words: list[str]) -> str:
    digits, repeat, tens = "", 1, False
    for word in words:
        unit = _DIGIT_WORDS.get(word, 0)
        if tens and 0 < unit < 10:  # "twenty one" is 21, not 20 and 1
            digits = f"{digits[:-1]}{unit}"
            tens = False
            continue
        tens = word in _TENS
        if word in ("double", "triple"):
            repeat = 2 if word == "double" else 3
            continue
        if word in _TENS:
            piece = str(_TENS[word])
        elif word in _DIGIT_WORDS:
            piece = str(_DIGIT_WORDS[word])
        elif word in ("hundred", "thousand"):
            piece = "00" if word == "hundred" else "000"
        else:
            piece = "".join(ch for ch in word if ch.isdigit())
        digits += piece * repeat
        repeat = 1
    return digits


def _number_class(digits: str) -> str:
    if 13 <= len(digits) <= 19 and luhn(digits):
        return "card"
    if len(digits) in (7, 10, 11):
        return "phone"
    if len(digits) == 9:
        return "ssn"
    return "bank_account" if 8 <= len(digits) <= 17 else "number"


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 check digit."""
    doubled = [int(ch) * (1 + at % 2) for at, ch in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _addressees(text: str) -> list[Span]:
    """Whoever is called or written to is a contact, known to the address book or not."""
    return [Span(start=m.start(1), end=m.end(1), label="contact") for m in _ADDRESSEE.finditer(text)]
