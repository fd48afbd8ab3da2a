"""Finds the words of a transcript that identify somebody, and masks them.

Known names, e-mails and streets come from the household's own facts. Everything else (cards, accounts, strangers) is
recognised by its form and by grammar. Each recogniser is one file; `find_spans` lists them in order. An attacker still
learns that something of a class was said, and where in the sentence.
"""

from collections.abc import Iterable, Sequence

from gateway.clip import Span
from gateway.redact.language.locale import load_locale
from gateway.redact.language.words import whole, words_of
from gateway.redact.people.names import find_names
from gateway.redact.people.unknown import find_unknown
from gateway.redact.places.addresses import find_addresses
from gateway.redact.text.ages import find_ages
from gateway.redact.text.codes import find_codes
from gateway.redact.text.dates import find_dates
from gateway.redact.text.emails import find_emails
from gateway.redact.text.network import find_network
from gateway.redact.text.numbers import find_numbers
from gateway.redact.text.passwords import find_passwords
from gateway.vault.messages import SiteFacts

# Found by more than their length: where one of these overlaps a number, it names the union.
_BY_LENGTH = ("phone", "bank_account", "ssn", "number")
_SURE = (
    "ip_address",
    "mac_address",
    "date_of_birth",
    "card_expiry",
    "licence_plate",
    "national_id",
    "email",
    "address",
)


def find_spans(text: str, facts: SiteFacts, classes: Iterable[str], language: str = "en") -> list[Span]:
    """Character spans to mask. They are sorted, do not overlap, and have contract mask classes as labels.

    Where two spans overlap, the label of the first counts, or that of the recogniser which knows more than a length.

    Raises:
        UnsupportedLanguage: no locale has this language.
    """
    wanted = frozenset(classes)
    locale = load_locale(language)
    words = words_of(text, locale)
    spans = [
        *find_network(text, words, locale),
        *find_dates(words, locale),
        *find_ages(words, locale),
        *find_codes(words, locale),
        *find_names(text, words, facts.names, facts.contact_names, locale),
        *find_emails(text, words, facts.emails, facts.names, locale),
        *find_addresses(words, facts.streets, locale),
        *find_passwords(words, locale),
        *find_numbers(words, locale),
    ]
    spans += find_unknown(words, spans, locale)
    return merge([whole(words, span) for span in spans if span.label in wanted])


def mask(text: str, spans: Sequence[Span]) -> str:
    """`text` with every span replaced by its placeholder, such as "[contact]"."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], placeholder(span.label)]
        at = span.end
    return "".join([*parts, text[at:]])


def placeholder(label: str) -> str:
    """What stands in a transcript for words of a mask class: "bank_account" -> "[bank account]"."""
    return f"[{label.replace('_', ' ')}]"


def merge(spans: Iterable[Span]) -> list[Span]:
    """The union of spans, sorted. Spans that only touch stay apart."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, s.label not in _SURE, s.label)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            label = span.label if last.label in _BY_LENGTH and span.label in _SURE else last.label
            merged[-1] = Span(start=last.start, end=max(last.end, span.end), label=label)
        elif span.start < span.end:
            merged.append(span)
    return merged
