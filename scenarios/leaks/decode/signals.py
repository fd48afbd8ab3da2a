"""Tells which decoders and matchers could find anything in a text, in one pass.

Most text is plain. Each reader has a mark: an expression that matches in every text in which the reader finds
something. A mark may match without any find behind it, but never the other way round.
`tests/scenarios/leaks/decode/test_signals.py` checks that for every reader.

All marks are searched in one pass (Hyperscan), or one expression after the other without it. A long text is searched
for one mark at a time: most marks alone run at several gigabytes a second, all of them together do not. A slow
expression runs only where a quick one, its gate, has matched.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from scenarios.leaks.decode.base85 import SYMBOLS, marks_of
from scenarios.leaks.decode.compiled import compiled
from scenarios.leaks.decode.speech.counted import AT, DOT, MARKS_ABROAD
from scenarios.leaks.decode.written.rotated import SIGNS
from scenarios.leaks.needles.literals import hyperscan

_B64 = "[A-Za-z0-9+/_-]"
_TURN = "(?:[a-z_-][A-Z0-9+/]|[0-9+/][A-Za-z_-]|[A-Z]{2}|[A-Z][0-9+/])"  # what a plain word has not inside
_TOKEN = "|".join(_B64 * before + _TURN + _B64 * (6 - before) for before in range(7))
_Z85 = r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]"
_B45 = r"[0-9A-Z $%*+\-./:]"
_B91_SIGN = r"[!#$%&()*+;<=>?@\[\]^`{|}~]"
_B91_ODD = rf"(?:[A-Za-z0-9]{_B91_SIGN}[A-Za-z0-9]|{_B91_SIGN}[A-Za-z0-9,.]{{2}})"
_B91 = r"[A-Za-z0-9!#$%&()*+,./:;<=>?@\[\]^_`{|}~\"]"
_B85 = r"[0-9A-Za-z!#$%&()*+\-;<=>?@^_`{|}~]"
_ODD = (
    rf"[!#$%&()*+;<=>?@^`{{|}}~]{_B85}{{5}}|{_B85}{{5}}[!#$%&()*+;<=>?@^`{{|}}~]"  # no word and no id has these inside
)
_ODD_ASCII = r"[!#$%&()*+;<=>?@^`][!-uz]{5}|[!-uz]{5}[!#$%&()*+;<=>?@^`]"
_SEPARATED = r"[^A-Za-z0-9_,;:\"'{}\[\]<>&=|\r\n]"  # as numbers_in reads; bytes, so wide separators count thrice
_SAID = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|treble|nought|niner|"
_SAID += "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
_SAID += "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
_NATO = (
    "alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|"
    "quebec|romeo|sierra|tango|uniform|victor|whiskey|x-?ray|yankee|zulu"
)
_DEGREE, _MINUTE = r"\xc2[\xb0\xba]|\xcb\x9a", r"\xe2\x80[\xb2\x99]"
_APART_BY_SIGNS = "[^A-Za-z0-9]"
# Letters one by one, digits among them; digits alone count near a word for a digit or a letter.
_SINGLES = "|".join(
    "".join(_APART_BY_SIGNS + ("[A-Za-z]" if at == letter else "[A-Za-z0-9]") for at in range(4)) + _APART_BY_SIGNS
    for letter in range(4)
)
_HEX_RUN = r"[0-9A-Fa-f]{8}"
_GAP = r"[^A-Za-z0-9]{1,3}"
_TAGS = (r"<[!?/A-Za-z]", r"\x1b\[", r"\^\[\[[0-9;]{0,9}m", r"\[/[A-Za-z]{1,8}\]")
_MIXED_ADDRESS = rf"[^A-Za-z0-9](?:{AT})[^A-Za-z0-9][A-Za-z0-9-]{{2,30}}\.[A-Za-z]{{2,10}}"
_ADDRESS = rf"[^A-Za-z0-9](?:{AT})[^A-Za-z0-9].{{1,60}}[^A-Za-z0-9](?:{DOT})[^A-Za-z0-9]"

# A code after another, one that no name's value begins with, or a soft line break. Of the bytes beyond ASCII only
# those that are letters in Latin-1, or begin some in UTF-8: "id=84" is no code.
QUOTED = r"(?:=[0-9A-Fa-f]{2}){2}|=(?:3D|09|0[AD]|[C-F][0-9A-F]|[AB][A-F]|[89][ACEF]|2[0-9A-F])|=\r?\n"
# Ten symbols of lower-case base32, a digit anywhere among them: a word has none.
_B32_LOWER = "|".join("[a-z2-7]" * at + "[2-7]" + "[a-z2-7]" * (9 - at) for at in range(10))

# Lower-case base32 of four ASCII digits: a number in it may show letters alone.
B32_OF_DIGITS = "[gh][aeimquy4][yz2-4][dt][acegikmoqs][m-o][bjrz]"

MARKS: Mapping[str, tuple[str, ...]] = {
    "percent": (r"%(?:u[0-9A-Fa-f]{2})?[0-9A-Fa-f]{2}",),
    "html": (r"&(?:#|[A-Za-z])",),
    "escapes": (r"\\[uxUN0-3\"'\\/bfnrt]", r"[Uu]\+[0-9A-Fa-f]{4}"),
    "markup": _TAGS,
    "quoted-printable": (QUOTED,),
    "wrapped": (r"[A-Za-z0-9+/_-]{12}[ \t]*\r?\n",),
    "array": (r"(?:[0-9]{1,7}[,; \t\r\n]{1,12}-?){5}[0-9]",),
    "bits": (r"[01]{8}[ ,]?[01]{8}",),
    "uuencode": (r"begin(?:-base64)? [0-7]{3}", r"(?:^|\n)M[ -`]{60}\r?\n"),
    "utf-7": (r"[+&][A-Za-z0-9+/,]{3}",),
    "punycode": (r"[xX][nN]--",),
    "mojibake": (r"\xc3[\x82-\xb4](?:\xc2|\xc5|\xc6\x92|\xcb|\xe2[\x80\x82\x84])",),
    "cloudflare": ("data-cfemail|email-protection#",),
    "keyed array": (r'"0": ?[0-9]{1,3}, ?\s*"1": ?[0-9]',),
    "git patch": (r"(?:literal|delta) [0-9]{1,12}\r?\n[A-Za-z]",),
    "shifted": (r"\x1b\$[()]?[@A-D]", r"~\{[!-w][!-~]"),
    "overstruck": (r"[^\x08\n]\x08[^\n]",),
    "tex": (
        r"\{\\(?:[\"'`^~=.]|[Hcdkruv] )\{?\\?[A-Za-z]\}?\}|\\[\"'`^~=.Hcdkruv]\{\\?[A-Za-z]\}",
        r"[A-Za-z]\\[\"'`^~]\\?[A-Za-z]|\\(?:ss|[ao]e|aa|[AO]E|AA|[olOLi])(?:[}]|\{\}|\\ | [a-z])",
    ),
    "literals": (r"[^\"'\s][\"'](?:\s?(?:[+.&]|\|\|)\s{0,40}|[ \t]*\r?\n[ \t]*|[ \t])[\"'][^\"'\s,:]",),
    "numerals": (
        r"(?:\xe3\x80\x87|\xe4(?:\xb8[\x80\x83\x89]|\xba[\x8c\x94]|\xb9\x9d)|\xe5(?:\x9b\x9b|\x85[\xab\xad])){2}",
    ),
    "hyphenated": (r"[a-z\x80-\xff](?:-|\xc2\xad)[ \t]*\r?\n[ \t>#*/|]*[a-z\x80-\xff]",),
    "emphasis": (r"[A-Za-z0-9\x80-\xff](?:\*\*|~~)[A-Za-z0-9\x80-\xff]",),
    "thousands": (r"[0-9](?:,[0-9]{3}){3}",),
    "mailbox": (r"[A-Za-z0-9._%-]\+[A-Za-z0-9._%=+-]{1,64}@", r"[Ss][Rr][Ss][01][=+-]"),
    "calls": (r"(?:[Cc][Hh][Aa]?[Rr][Ww]?[Bb$]?|[Cc][Oo][Dd][Ee]|[Pp][Oo][Ii][Nn][Tt])\(\s?[0-9]",),
    "css": (r"(?:\\[0-9A-Fa-f]{2,6} ?){4}",),
    "base32hex": (r"[0-9A-V]{12}", r"[0-9a-v]{16}"),
    "rot47": SIGNS,
    "dotted": (r"(?:[0-9A-Fa-f]{2,3}\.){8}[0-9A-Fa-f]{2}",),
    "encoded words": (r"=\?[A-Za-z0-9_*-]{2,30}\?[BbQq]\?",),
    "machine-readable": (r"[A-Z]{2}<<[A-Z]{2}",),
    "pieces": (r"[^\s] ##[^\s#]", r"(?:\xe2\x96\x81|\xc4\xa0)[^\s]"),
    "continued": (r"\\\r?\n",),
    "read out": (r"[0-9] [0-9](?: [0-9]){0,2}(?:,|\.|;| -) [0-9] [0-9]",),
    "named": (
        r"(?:first|last|given|family|middle|surname|forename|fname|lname|vorname|nachname|nom|apellido|nombre|cognome)"
        r"[A-Za-z0-9_:.-]{0,12}[\"']?\s{0,3}(?:[=:]>?)?\s{0,3}[\[({]?\s{0,3}[\"']",
    ),
    "base45": (rf"(?:{_B45}{{2}}[4-9A-U]){{3}}", rf"{_B45}{{16}}"),
    "base91": (rf"{_B91_ODD}{_B91}{{5}}|{_B91}{{5}}{_B91_ODD}",),
    "reversed": (
        r"(?:^|[^%])(?:[0-9A-Fa-f]{2}(?:00u)?%){4}|(?:;[0-9A-Fa-f]{2,3}x?#&){4}|(?:[0-9A-Fa-f]{2}(?:00u|x)\\){4}",
        r"(?:\}[0-9A-Fa-f]{1,4}\{[xu]\\){4}|(?:[0-7]{2}[0-3]\\){4}|(?:[0-9A-F]{2}00\+U ?){4}|(?:[0-9A-Fa-f]{2}=){4}",
        r" (?:eht|dna|rof|htiw) |//:s?ptth|\b(?:moc|ten|gro)\.",
    ),
    "rot13": (
        r"(?:%(?:h00)?[2-7][0-9n-sN-S]){4}|(?:\\(?:h00|k)[2-7][0-9n-sN-S]){4}|(?:&#k[0-9n-s]{2};){4}",
        r" (?:gur|naq|sbe|jvgu) |uggcf?://|[a-z]\.(?:pbz|arg|bet)\b",
    ),
    "base64": (_TOKEN, "[a-z_-]{17}", f"{_B64}{{6,7}}="),
    "hex": (r"[0-9A-Fa-f]{12}",),
    "hex bytes": (r"(?:(?:0x)?[0-9A-Fa-f]{2}[ :,-]{1,2}){5}",),
    "base32": (r"[A-Z2-7]{10}", r"[a-z2-7]{24}", _B32_LOWER, B32_OF_DIGITS),
    "ascii85": (
        r"(?:[*-I][!-uz]{4}){2}",
        f"(?:{marks_of(SYMBOLS['ascii85']).decode()})[!-uz]{{8}}",
        "<~[!-uz]{6}",
        _ODD_ASCII,
    ),
    "base85": (rf"(?:[9A-Za-e]{_B85}{{4}}){{2}}", f"(?:{marks_of(SYMBOLS['base85']).decode()}){_B85}{{8}}", _ODD),
    "z85": (rf"(?:[a-zA-E]{_Z85}{{4}}){{2}}", f"(?:{marks_of(SYMBOLS['z85']).decode()}){_Z85}{{8}}"),
    "fields": (r"\"\s*:\s*[\"0-9-]", r"\"\s*,\s*[\"0-9-]"),
    "events": (r"\ndata:",),
    "lines": (r"[}]\r?\n[{]", r"\]\r?\n[0-9]{1,3}\[", r"\"\r?\n[0-9a-g]:\""),
    "digits": (
        f"[0-9](?:{_SEPARATED}{{0,9}}[0-9]){{6}}",
        r"[0-9]{2}[ )./-]{0,3}[ \t\r\n,;|]{1,60}[(]?[0-9]{2}",
        r"[0-9]{2}(?:_|\] ?)[0-9]{2}",
    ),
    "decimals": (r"[0-9]\.[0-9]{3}|[0-9],[0-9]{4}|[0-9]{4}\.[0-9]",),
    "angles": (
        r"[0-9],[0-9]{1,2}(?:\.[0-9]+)?(?:,[0-9.]{1,9})?[NSEW]|[0-9]/1[,; ]+[0-9]+/1",
        r"[(\[][0-9]{1,3}(?:\.0)?, ?[0-9]{1,2}(?:\.0)?, ?[0-9]{1,2}\.[0-9]+[)\]]|[0-9]{4}\.[0-9]{2,8}(?:, ?)?[NSEW]",
        r"deg(?:rees?)?\"? ?[:=] ?-?[0-9]{1,3}, ?\"?min",
        r"[-+][0-9]{4,6}(?:\.[0-9]+)?[-+][0-9]{5}|[0-9]{6}(?:\.[0-9]{1,6})?[NSEW]",
        r"[\[(][0-9]{1,3}, ?1[\])], ?[\[(][0-9]",
    ),
    "degrees": (
        r"[0-9][ :][0-9]{1,2}[ :][0-9]{1,2}(?:\.[0-9]+)? ?[NSEW]",
        r"[0-9][ :][0-9]{1,2}\.[0-9]{1,6} ?[NSEW]",
        rf"[0-9] ?(?:{_DEGREE}|[dD](?:eg(?:rees)?)?) ?[0-9]{{1,2}}(?:\.[0-9]+)? ?(?:['mM ]|{_MINUTE})",
    ),
    "scaled": (r"[0-9]{7}",),
    # UTM and MGRS; then S2 and H3.
    "grid": (r"[0-9][ ]?[C-X][^0-9A-Za-z]?.{0,12}[0-9]{6}.{1,16}[0-9]{6}|[0-9][C-X] ?[A-Z]{2} ?[0-9]{3}",),
    "cells": (r"[0-9a-f]{8}", r"[0-9]{17}"),
    "polyline": (r"(?:^|[^?-~])[_-~]{3,6}[?-^][_-~]{3,6}[?-^]|(?:^|[^-0-9A-Z_a-z])B[F-Hlm][BCg-z0-9_-]{3}",),
    "mercator": (r"[0-9]{4,8}\.[0-9]{1,15}[^0-9.]{1,24}[0-9]{4,8}\.[0-9]", r"3857|102100|900913|[Mm]ercator"),
    "geometry": (r"(?:^|[^0-9A-Fa-f])0[01][0-9A-Fa-f]{40}",),
    "tile": (r"(?:1[5-9]|2[0-2])/[0-9]{4,7}/[0-9]",),
    "hash": (_HEX_RUN, r"[A-Za-z0-9+/_-]{22}"),
    "geohash": (r"(?:[0-9][b-hjkmnp-z0-9]{4}|[b-hjkmnp-z0-9]{4}[0-9]|[B-HJKMNP-Z0-9]{4}[0-9])",),
    "plus code": (r"[23456789CFGHJMPQRVWXcfghjmpqrvwx]{4}\+[23456789CFGHJMPQRVWXcfghjmpqrvwx]{2}",),
    "masked": (r"[0-9].{0,12}(?:\*|[xX]{2}|#|\xe2\x80\xa2|_{2})|(?:\*|[xX]{2}|#|\xe2\x80\xa2|_{2}).{0,12}[0-9]",),
    "said": (
        rf"(?:\b(?:{_SAID}){_GAP}){{2}}",
        *MARKS_ABROAD,
        _ADDRESS,
        _MIXED_ADDRESS,
        rf"(?:\b(?:{_NATO}){_GAP}){{3}}",
        _SINGLES,
        rf"(?:[^A-Za-z0-9][0-9]){{4}}[^A-Za-z0-9].{{0,40}}\b(?:{_SAID}|{_NATO})\b",
        rf"\b(?:{_SAID}|{_NATO})\b.{{0,40}}(?:[^A-Za-z0-9][0-9]){{4}}[^A-Za-z0-9]",
    ),
    "said abroad": (*MARKS_ABROAD, _ADDRESS),
}
# Where a reader has to look in a long text: as its mark, but told of once a word and not at each of its letters.
LOCATORS: Mapping[str, tuple[str, ...]] = {
    "percent": (r"%[0-9A-Fa-fu]",),
    "html": (r"&[#A-Za-z]",),
    "escapes": (r"\\[uxUN0-3\"'\\/nrt]", r"[Uu]\+[0-9A-Fa-f]{4}"),
    "markup": _TAGS,
    "hash": (r"(?:^|[^0-9A-Za-z])(?:0x)?[0-9A-Fa-f]{8}",),
    "hash words": (r"(?:^|[^A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{22}",),
    "cells": (
        r"(?:^|[^0-9A-Za-z])8[0-9a-f]{14}(?:[^0-9A-Za-z]|$)",
        r"(?:^|[^0-9A-Za-z_.])-?[0-9]{17,20}(?:[^0-9A-Za-z_.]|$)",
    ),
    "quoted-printable": (QUOTED,),
}
# Slow expressions, each with a quick one for something that it never does without.
_GATES: Mapping[str, str] = {
    _TOKEN: r"[0-9+/][A-Za-z_-]|[A-Za-z_-][0-9+/]|[a-z_-][A-Z]|[A-Z]{2}",
    MARKS["hex"][0]: _HEX_RUN,
    MARKS["hex bytes"][0]: r"[0-9][0-9A-Fa-f]|[A-Fa-f][0-9]",  # bytes that read have a digit in one half
    _ODD_ASCII: r"[!#$%&()*+;<=>?@^`]",
    _ODD: r"[!#$%&()*+;<=>?@^`{|}~]",
    _B32_LOWER: r"[2-7][a-z2-7]|[a-z][2-7]",
}
ALL = frozenset(MARKS)
_CASELESS = frozenset({"named", "said", "said abroad"})
BULK = 4_096  # bytes from which readers look around their marks only
_APART = 4_096  # bytes from which one expression after the other is quicker
_NEAR = 80  # bytes


def merged(spans: Sequence[tuple[int, int]], data: bytes) -> list[tuple[int, int]]:
    """Return the spans in order. Spans that meet become one. Each grows to the nearest word end on either side, if one
    is near.
    """
    table = np.array(spans, np.int64)
    apart = np.flatnonzero(table[1:, 0] > np.maximum.accumulate(table[:-1, 1])) + 1
    begins = table[np.concatenate([[0], apart]), 0].tolist()
    ends = np.maximum.reduceat(table[:, 1], np.concatenate([[0], apart])).tolist()
    return [(_edge(data, begin), _last(data, end)) for begin, end in zip(begins, ends, strict=True)]


def _edge(data: bytes, at: int) -> int:
    """Return `at`, or the beginning of the line or word shortly before it, so that no code and no character is cut."""
    if at <= 0:
        return 0
    line = data.rfind(b"\n", max(0, at - _NEAR), at)
    found = line if line >= 0 else data.rfind(b" ", max(0, at - _NEAR), at)
    return found + 1 if found >= 0 else _character(data, at)


def _last(data: bytes, at: int) -> int:
    if at >= len(data):
        return len(data)
    line = data.find(b"\n", at, at + _NEAR)
    found = line if line >= 0 else data.find(b" ", at, at + _NEAR)
    return found if found >= 0 else _character(data, at)


def _character(data: bytes, at: int) -> int:
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at


class Signals:
    """The compiled marks. An instance must not be used by two threads at once."""

    def __init__(self, *, plain: bool = False) -> None:
        self._every = [(name, each) for name, alternatives in MARKS.items() for each in alternatives]
        self._plain = plain or hyperscan is None
        self._searches: dict[str, Callable[[bytes], bool]] = {}
        self._databases: dict[str, Any] = {}
        if not self._plain:
            flags = [_flags(name) for name, _ in self._every]
            self._together = compiled([each for _, each in self._every], flags)

    def present(self, data: bytes) -> frozenset[str]:
        """Return the names of the marks that match in UTF-8 text."""
        if self._plain or len(data) >= _APART:
            return self._one_by_one(data)
        found: set[int] = set()
        self._together.scan(data, match_event_handler=lambda i, _s, _e, _f, _c: found.add(i))
        return frozenset(self._every[i][0] for i in found)

    def spans(self, name: str, data: bytes, *, before: int, after: int) -> list[tuple[int, int]]:
        """Return (begin, end) around every match of one mark. Spans end at word ends where one is near."""
        ends = self._ends(name, data)
        return merged([(end - before, end + after) for end in ends], data) if ends else []

    def windows(self, name: str, data: bytes, around: int) -> list[bytes]:
        """Return the parts of the text around every match of one mark, or all of a short text."""
        if len(data) < BULK:
            return [data]
        return [data[begin:end] for begin, end in self.spans(name, data, before=around, after=around)]

    def texts(self, name: str, text: str, around: int) -> list[str]:
        """Return `windows` of a text as texts."""
        if len(text) < BULK:
            return [text]
        return [part.decode("utf-8", "replace") for part in self.windows(name, text.encode("utf-8", "replace"), around)]

    def _ends(self, name: str, data: bytes) -> list[int]:
        """Return the ends of all matches of a mark, in order."""
        expressions = LOCATORS.get(name) or MARKS[name]
        if self._plain:
            flags = re.DOTALL | (re.IGNORECASE if name in _CASELESS else 0)
            return sorted({m.end() for each in expressions for m in re.compile(each.encode(), flags).finditer(data)})
        if name not in self._databases:
            once = int(hyperscan.HS_FLAG_SINGLEMATCH)
            self._databases[name] = compiled(expressions, [_flags(name) & ~once] * len(expressions))
        ends: list[int] = []
        self._databases[name].scan(data, match_event_handler=lambda _i, _s, end, _f, _c: ends.append(end))
        return sorted(ends) if len(expressions) > 1 else ends

    def _one_by_one(self, data: bytes) -> frozenset[str]:
        told: dict[str, bool] = {}

        def stands(expression: str, name: str = "") -> bool:
            if expression not in told:
                gate = _GATES.get(expression)
                told[expression] = (gate is None or stands(gate)) and self._search(expression, name)(data)
            return told[expression]

        return frozenset(
            name for name, alternatives in MARKS.items() if any(stands(each, name) for each in alternatives)
        )

    def _search(self, expression: str, name: str) -> Callable[[bytes], bool]:
        if expression not in self._searches:
            self._searches[expression] = _plainly(expression, name) if self._plain else _alone(expression, name)
        return self._searches[expression]


def _plainly(expression: str, name: str) -> Callable[[bytes], bool]:
    pattern = re.compile(expression.encode(), re.DOTALL | (re.IGNORECASE if name in _CASELESS else 0))
    return lambda data: pattern.search(data) is not None


def _alone(expression: str, name: str) -> Callable[[bytes], bool]:
    database = compiled([expression], [_flags(name)])

    def stands(data: bytes) -> bool:
        try:
            database.scan(data, match_event_handler=lambda *_match: True)  # True ends the scan
        except hyperscan.ScanTerminated:
            return True
        return False

    return stands


def _flags(name: str) -> int:
    caseless = hyperscan.HS_FLAG_CASELESS if name in _CASELESS else 0
    return int(hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL | caseless)


@cache
def signals(*, plain: bool = False) -> Signals:
    return Signals(plain=plain)
