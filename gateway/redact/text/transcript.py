"""Which words of a transcript give a household away, and the transcript without them.

Known names, e-mails and streets come from the household's own address book (what a customer typed into an app);
what was never provisioned (cards, accounts, strangers) is recognised by its form and by grammar: one recogniser a
file, in the order of `find_spans`. An attacker still learns that something of that class was said, and where in
the sentence.
"""

from collections.abc import Iterable, Sequence

from gateway.clip import Span
from gateway.redact.text.addresses import find_addresses
from gateway.redact.text.emails import find_emails
from gateway.redact.text.names import find_names
from gateway.redact.text.numbers import find_numbers
from gateway.redact.text.words import words_of
from gateway.vault.client import SiteFacts


def find_spans(text: str, facts: SiteFacts, classes: Iterable[str]) -> list[Span]:
    """Character spans to mask, sorted, not overlapping; labels are contract mask classes.

    Where two overlap, the union takes the label of the one that starts first.
    """
    wanted = frozenset(classes)
    words = words_of(text)
    spans = [
        *find_names(words, facts.names, facts.contact_names),
        *find_emails(text, words, facts.emails),
        *find_addresses(words, facts.streets),
        *find_numbers(words),
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
