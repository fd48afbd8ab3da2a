"""IP and MAC addresses, written and said ("one ninety two dot one sixty eight dot one dot one")."""

import ipaddress
import re
from collections.abc import Iterator, Sequence

from gateway.clip import Span
from gateway.redact.language.digits import items_of
from gateway.redact.language.locale import Locale
from gateway.redact.language.words import Word, span_of, spells

_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?:(?:\.\d{1,3}){3})?(?:/\d{1,3})?(?![\w:])")
_MAC = re.compile(
    r"(?<![\w:.-])(?:[0-9A-Fa-f]{2}([:.\- ]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:])"
    r"|(?<![\w.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![\w])"
)
_IP, _MAC_LABEL = "ip_address", "mac_address"
_V4_GROUPS, _MAC_GROUPS, _V6_COLONS = 4, 6, 2
_HEX = frozenset("0123456789abcdef")
_CUE_REACH = 6  # words before an address in which its cue may stand
_LONGEST_MAC = 30  # words from the cue to the last digit
_LEAST_CUED = 4  # digits of an address behind its cue
_LEAST_UNMARKED = 6  # digits of an IP address that is said without its dots


def find_network(text: str, words: Sequence[Word], locale: Locale) -> list[Span]:
    """Spans of addresses of machines."""
    found = [Span(start=m.start(), end=m.end(), label=_IP) for m in _IPV4.finditer(text) if _is_ip(m.group())]
    found += [Span(start=m.start(), end=m.end(), label=_IP) for m in _IPV6.finditer(text) if _is_ip(m.group())]
    found += [Span(start=m.start(), end=m.end(), label=_MAC_LABEL) for m in _MAC.finditer(text)]
    return [*found, *_said(words, locale)]


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.split("/")[0])
    except ValueError:
        return False
    return len(text) > 2


def _said(words: Sequence[Word], locale: Locale) -> Iterator[Span]:
    """Groups of digits and letters a to f between words for a dot, a colon or a dash."""
    pieces = _pieces(words, locale)
    at = 0
    while at < len(pieces):
        kind = pieces[at][2]
        if kind == "other":
            at += 1
            continue
        end = at
        while end < len(pieces) and pieces[end][2] != "other":
            end += 1
        group = pieces[at:end]
        label = _label(group) or _by_cue(words, group, locale)
        if label is not None:
            while group[0][2] in (".", "-", ""):
                group = group[1:]
            while group[-1][2] in (".", "-", ":", "") and len(group) > 1:
                group = group[:-1]
            yield span_of(words, group[0][0], group[-1][1], label)
        at = end


def _pieces(words: Sequence[Word], locale: Locale) -> list[tuple[int, int, str]]:
    """(first word, last word, what it is): hex digits, ".", ":", "-" or "other"."""
    numbers, signs = {item.first: item for item in items_of(words, locale)}, locale.network.signs
    pieces, at = list[tuple[int, int, str]](), 0
    while at < len(words):
        low, item = words[at].low, numbers.get(at)
        letter = spells(low, locale)
        pair = f"{low}_{words[at + 1].low}" if at + 1 < len(words) else ""
        if pair in signs:
            pieces.append((at, at + 1, signs[pair]))
            at += 2
            continue
        if (
            item is not None
            and all(ch in _HEX for ch in item.digits)
            and not any(ch.isalpha() for ch in low if low[:1].isdigit())
        ):
            pieces.append((at, item.last, item.digits))
            at = item.last + 1
            continue
        cued = _mac_cued(words, at, locale)
        hexed = len(low) <= 4 and (cued or any(ch.isdigit() for ch in low)) and set(low) <= _HEX
        passing = "" if cued and low in locale.numbers.fillers else "other"
        piece = signs.get(low) or (low if hexed else letter if letter in _HEX else passing)
        pieces.append((at, at, piece))
        at += 1
    return pieces


def _label(group: Sequence[tuple[int, int, str]]) -> str | None:
    marks = [piece for _, _, piece in group if piece in (".", ":", "-")]
    parts = "".join(piece for _, _, piece in group)
    dotted = parts.strip(".-:").split(".")
    if len(dotted) == _V4_GROUPS and all(part.isdigit() and int(part) <= 255 and len(part) <= 3 for part in dotted):
        return _IP
    for mark in (":", "-", "."):
        hexes = parts.strip(mark).split(mark)
        if len(hexes) == _MAC_GROUPS and all(len(part) == 2 and set(part) <= _HEX for part in hexes):
            return _MAC_LABEL
    if marks.count(":") >= _V6_COLONS and _is_ip(parts.strip(".-")):
        return _IP
    return None


def _mac_cued(words: Sequence[Word], at: int, locale: Locale) -> bool:
    """Whether a MAC address was announced: then words such as "beef" and "aa" are digits of it."""
    before = "".join(word.low for word in words[max(0, at - _LONGEST_MAC) : at])
    return any(cue in before for cue in locale.network.mac_cues)


def _by_cue(words: Sequence[Word], group: Sequence[tuple[int, int, str]], locale: Locale) -> str | None:
    """ "my mac address is ...", "i p address ..."."""
    first = group[0][0]
    before = "".join(word.low for word in words[max(0, first - _CUE_REACH) : first])
    digits = "".join(piece for _, _, piece in group if piece not in (".", ":", "-"))
    if len(digits) < _LEAST_CUED:
        return None
    if any(cue in before for cue in locale.network.mac_cues):
        return _MAC_LABEL
    if not any(ch.isdigit() for ch in digits):
        return None
    marks = sum(piece in (".", ":") for _, _, piece in group)
    asked = any(cue in before for cue in locale.network.ip_cues)
    return _IP if asked and (marks or len(digits) >= _LEAST_UNMARKED) else None
