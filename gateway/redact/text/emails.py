"""E-mail addresses: written ("ada @ mail.test"), said ("ada dot l at gmail dot com"), the household's own in any form.

Endings are those of the public suffix list that the library publicsuffixlist ships, and RFC 2606's reserved ones.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from publicsuffixlist import PublicSuffixList

from gateway.clip import Span
from gateway.redact.language.digits import items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, is_number, letter_of, spells, words_of
from gateway.redact.people.alike import forms

# Bounded, and anchored on the rare "@", so that no text makes the search slow.
_WRITTEN = re.compile(r"[\w.+%-]{1,64}[ ]?[@＠][ ]?[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}", re.UNICODE)
_TIGHT = re.compile(r"[\w.+%-]{1,64}[@＠][\w-]{1,63}(?:\.[\w-]{1,63}){0,8}", re.UNICODE)
_SIGN = re.compile(r"[@＠]")
_RESERVED = frozenset({"test", "example", "invalid", "localhost", "local", "internal", "onion", "lan"})
_MAILBOX_WORDS = 40  # of one spoken mailbox name, spelled letters included
_LOOSE_WORDS = 3  # of a mailbox that nothing ties together: "jane doe at"
_DOMAIN_WORDS = 48
_LABEL_WORDS = 3  # of one part of a domain: "acme widgets"
_LEAST_OWN = 5  # characters of a mailbox that is masked without its domain


class _Mark(NamedTuple):
    """A word or a sign of an address; `kind` is word, at, dot or mark."""

    start: int
    end: int
    low: str
    kind: str


def find_emails(
    text: str, words: Sequence[Word], known: Sequence[str], names: Sequence[str], locale: Locale
) -> list[Span]:
    """Spans of e-mail addresses by their form, and of the household's own in any rendering."""
    found = [Span(start=m.start(), end=m.end(), label="email") for m in _TIGHT.finditer(text)]
    found += [Span(start=m.start(), end=m.end(), label="email") for m in _WRITTEN.finditer(text) if " " in m.group()]
    marks = _marks(words, locale)
    for at, mark in enumerate(marks):
        if mark.kind == "at":
            found += _around(marks, at, locale)
    return [*found, *_without_at(marks, locale), *_own(words, known, names, locale)]


def _marks(words: Sequence[Word], locale: Locale) -> list[_Mark]:
    """The words, and the signs @ . _ + - between them. A dot that ends a sentence is none."""
    e, marks = locale.emails, list[_Mark]()
    for word in words:
        for sign in re.finditer(r"[@＠]|\.(?=\w)|(?<= )\.(?= )|[_+]", word.gap):
            start = word.start - len(word.gap) + sign.start()
            kind = "at" if _SIGN.match(sign.group()) else "dot" if sign.group() == "." else "mark"
            marks.append(_Mark(start, start + 1, sign.group(), kind))
        if word.gap == ".":
            marks.append(_Mark(word.start - 1, word.start, ".", "dot"))
        elif word.gap == "-":
            marks.append(_Mark(word.start - 1, word.start, "-", "mark"))
        kind = "at" if word.low in e.at else "dot" if word.low in e.dots else "mark" if word.low in e.marks else "word"
        marks.append(_Mark(word.start, word.end, word.low, kind))
    return marks


def _around(marks: Sequence[_Mark], at: int, locale: Locale) -> Iterator[Span]:
    """ "<name> at <domain> dot <ending>", or "<name> at <provider>"; "sign" may follow "at"."""
    begin = at + 1
    while begin < len(marks) and (marks[begin].kind == "at" or marks[begin].low in ("sign", "symbol", "the")):
        begin += 1
    last = _domain_end(marks, begin, locale)
    if last is None:
        provider = begin < len(marks) and marks[begin].low in locale.emails.providers - {"live", "mail", "proton"}
        if not provider:
            return
        last = min(len(marks) - 1, begin + 2) if begin + 1 < len(marks) and marks[begin + 1].kind == "dot" else begin
    first = _mailbox(marks, at, locale, provider=marks[begin].low in locale.emails.providers)
    if first is not None:
        yield Span(start=marks[first].start, end=marks[last].end, label="email")


def _domain_end(marks: Sequence[_Mark], begin: int, locale: Locale) -> int | None:
    """The last mark of the longest "<words> dot <words>" from `begin` whose ending is a public suffix."""
    labels: list[str] = [""]
    loose, best = 0, None
    for at in range(begin, min(len(marks), begin + _DOMAIN_WORDS)):
        mark = marks[at]
        if mark.kind == "dot":
            if not labels[-1]:
                return best
            labels, loose = [*labels, ""], 0
            continue
        if mark.kind == "mark":
            continue
        if mark.kind == "at":
            return best
        letter = spells(mark.low, locale)
        if letter is None:
            loose += 1
            if labels[-1] and mark.low in locale.emails.joins:  # "smith and sons dot com"
                loose -= 1
            elif loose > _LABEL_WORDS or (len(labels) == 1 and mark.low in locale.function_words and labels[0]):
                return best
        if len(labels) == 1 and labels[0] and mark.low in locale.emails.bare:
            return at  # "dot" was not heard
        labels[-1] += letter or mark.low
        if len(labels) > 1 and _is_ending(labels):
            best = at
        elif best is not None and len(labels) > 1 and letter is None:
            return best
    return best


@functools.cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def _is_ending(labels: Sequence[str]) -> bool:
    ending = labels[-1]
    if ending in _RESERVED:
        return True
    return _suffixes().publicsuffix(f"x.{ending}", accept_unknown=False) is not None


def _mailbox(marks: Sequence[_Mark], at: int, locale: Locale, provider: bool) -> int | None:
    """The first mark of the mailbox before "at". None if that is a sentence ("look at zeta dot com")."""
    e = locale.emails
    if at == 0:
        return at
    nearest = marks[at - 1].low
    cued = any(mark.low in e.cues for mark in marks[:at])
    if nearest in e.no_mailbox and not (provider or cued):
        return None
    if nearest in locale.function_words and not cued and not provider and _tied(marks, at - 1, locale) is False:
        return None
    first = at - 1
    while first > 0 and at - first < _MAILBOX_WORDS:
        tied = _tied(marks, first, locale) or _tied(marks, first - 1, locale)
        before = marks[first - 1].low
        names = sum(not is_number(m.low, locale) and len(m.low) > 1 for m in marks[first:at])
        loose = names < _LOOSE_WORDS and before not in locale.function_words | e.before_mailbox | e.no_mailbox
        if before in e.before_mailbox and marks[first].kind != "dot":
            break
        two = before in e.tied and first > 1 and marks[first - 2].low in locale.names.given_words | locale.names.people
        spelled = _spelled_by(marks, first, locale)
        if not (tied or loose or two or spelled):
            break
        first -= spelled or (2 if two else 1)
    return first


def _spelled_by(marks: Sequence[_Mark], at: int, locale: Locale) -> int:
    """How many marks before `at` say that it spells a letter, with the letter: "n as in nancy"; 0 for none."""
    links = 0
    while links < at and marks[at - 1 - links].low in locale.letters.links:
        links += 1
    letter = marks[at - 1 - links].low if 0 < links < at else ""
    return links + 1 if len(letter) == 1 and marks[at].low.startswith(letter) else 0


def _tied(marks: Sequence[_Mark], at: int, locale: Locale) -> bool:
    """Whether a mark belongs to the one before it: by a dot, as spelled letters, or as digits behind a name."""
    here, before = marks[at], marks[at - 1] if at else None
    if before is None:
        return False
    if here.kind in ("dot", "mark") or before.kind in ("dot", "mark"):
        return True
    if spells(here.low, locale) and spells(before.low, locale):
        return True
    return is_number(here.low, locale) and (
        before.low not in locale.function_words or is_number(before.low, locale) or len(before.low) == 1
    )


def _without_at(marks: Sequence[_Mark], locale: Locale) -> Iterator[Span]:
    """Addresses in which "at" was misheard ("jane the gmail dot com"): a provider is named, or e-mail is spoken of."""
    e = locale.emails
    spoken_of = any(mark.low in e.cues for mark in marks)
    for at, mark in enumerate(marks):
        if mark.kind != "dot" or at == 0 or at + 1 >= len(marks):
            continue
        if not _is_ending(["", marks[at + 1].low]) or len(marks[at + 1].low) < 2:
            continue
        provider = marks[at - 1].low in e.providers
        if any(other.kind == "at" for other in marks[max(0, at - 6) : at]) or not (provider or spoken_of):
            continue
        if provider and at == 1:
            continue
        first = max(0, at - 3)
        while first > 0 and (_tied(marks, first, locale)):
            first -= 1
        yield Span(start=marks[first].start, end=marks[at + 1].end, label="email")


def _own(words: Sequence[Word], known: Sequence[str], names: Sequence[str], locale: Locale) -> Iterator[Span]:
    """The household's addresses and mailboxes in any rendering. Only letters and digits are compared."""
    wanted = _plain_addresses(known) - {form for name in names for form in forms(name)}
    if not wanted:
        return
    longest = max(map(len, wanted))
    said = _plain_words(words, locale)
    for first in range(len(said)):
        if not said[first][2]:
            continue
        plain = ""
        for _, last, piece in said[first:]:
            plain += piece
            if len(plain) > longest:
                break
            if plain in wanted:
                yield Span(start=words[said[first][0]].start, end=words[last].end, label="email")


def _plain_addresses(known: Sequence[str]) -> set[str]:
    plain = set()
    for email in known:
        mailbox, _, domain = ("".join(ch for ch in part if ch.isalnum()) for part in email.casefold().partition("@"))
        plain |= {mailbox + domain} - {""}
        if len(mailbox) >= _LEAST_OWN and (
            any(ch.isdigit() for ch in mailbox) or len(words_of(email.split("@")[0])) > 1
        ):
            plain.add(mailbox)
    return plain


def _plain_words(words: Sequence[Word], locale: Locale) -> list[tuple[int, int, str]]:
    """(first word, last word, its letters and digits) of every word and number. Signs and "at" have no letters."""
    e, said = locale.emails, list[tuple[int, int, str]]()
    numbers = {item.first: item for item in items_of(words, locale)}
    at = 0
    while at < len(words):
        low, item = words[at].low, numbers.get(at)
        if item is not None and not any(ch.isalpha() and any(c.isdigit() for c in low) for ch in low):
            said.append((at, item.last, item.digits))
            at = item.last + 1
            continue
        silent = low in e.at or low in e.marks or low in ("sign", "the", "um", "uh")
        piece = "" if silent else letter_of(low, locale) or "".join(ch for ch in low if ch.isalnum())
        if low in locale.letters.names and len(low) < 9 and spells(low, locale) and _spelled_beside(words, at, locale):
            piece = locale.letters.names[low]
        said.append((at, at, piece))
        at += 1
    return said


def _spelled_beside(words: Sequence[Word], at: int, locale: Locale) -> bool:
    near = [words[other].low for other in (at - 1, at + 1) if 0 <= other < len(words)]
    return any(spells(low, locale) for low in near)
