"""Text -> which decoders and matchers could find anything in it: one look decides for all of them.

Most text is plain. Each reader has a mark that its food cannot do without; all marks are searched in one pass
(Hyperscan, or one expression after the other without it). A mark may stand without anything behind it, never the
other way round: `tests/scenarios/leaks/decode/test_signals.py` holds every reader to that.

Long texts are searched for one mark at a time: alone, most run at several gigabytes a second, together they do not.
What is slow alone waits for its gate, something quick to find that it never does without.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from scenarios.leaks.decode.base85 import SYMBOLS, marks_of
from scenarios.leaks.needles.literals import hyperscan

_B64 = "[A-Za-z0-9+/_-]"
_TURN = "(?:[a-z_-][A-Z0-9+/]|[0-9+/][A-Za-z_-]|[A-Z]{2}|[A-Z][0-9+/])"  # what a plain word has not inside
_TOKEN = "|".join(_B64 * before + _TURN + _B64 * (6 - before) for before in range(7))
_Z85 = r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]"
_B91 = r"[A-Za-z0-9!#$%&()*+,./:;<=>?@\[\]^_`{|}~\"]"
_B85 = r"[0-9A-Za-z!#$%&()*+\-;<=>?@^_`{|}~]"
_ODD = (
    rf"[!#$%&()*+;<=>?@^`{{|}}~]{_B85}{{5}}|{_B85}{{5}}[!#$%&()*+;<=>?@^`{{|}}~]"  # no word and no id has these inside
)
_SEPARATED = r"[^A-Za-z0-9_,;:\"'{}\[\]<>&=|\r\n]"  # as numbers_in reads; bytes, so wide separators count thrice
_SAID = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|treble|nought|niner|"
_SAID += "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
_SAID += "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
_NATO = (
    "alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|"
    "quebec|romeo|sierra|tango|uniform|victor|whiskey|x-?ray|yankee|zulu"
)
_DEGREE, _MINUTE = r"\xc2[\xb0\xba]|\xcb\x9a", r"\xe2\x80[\xb2\x99]"
_HEX_RUN = r"[0-9A-Fa-f]{8}"
_GAP = r"[^A-Za-z0-9]{1,3}"

MARKS: Mapping[str, tuple[str, ...]] = {
    "percent": (r"%(?:u[0-9A-Fa-f]{2})?[0-9A-Fa-f]{2}",),
    "html": (r"&(?:#|[A-Za-z])",),
    "escapes": (r"\\[uxUN0-3\"'\\/bfnrt]", r"[Uu]\+[0-9A-Fa-f]{4}"),
    "markup": (r"<[!?/A-Za-z]", r"\x1b\["),
    "quoted-printable": (r"=[0-9A-Fa-f]{2}|=\r?\n",),
    "wrapped": (r"[A-Za-z0-9+/_-]{12}[ \t]*\r?\n",),
    "array": (r"(?:[0-9]{1,7}[,; \t\r\n]{1,12}-?){5}[0-9]",),
    "bits": (r"[01]{8}[ ,]?[01]{8}",),
    "uuencode": (r"begin(?:-base64)? [0-7]{3}",),
    "utf-7": (r"[+&][A-Za-z0-9+/,]{3}",),
    "punycode": (r"[xX][nN]--",),
    "mojibake": (r"\xc3[\x82-\xb4](?:\xc2|\xc5|\xc6\x92|\xcb|\xe2[\x80\x82\x84])",),
    "cloudflare": ("data-cfemail|email-protection#",),
    "base45": (r"[0-9A-Z $%*+\-./:]{9}",),
    "base91": (rf"[!#$%&()*+;<=>?@\[\]^`{{|}}~]{_B91}{{5}}|{_B91}{{5}}[!#$%&()*+;<=>?@\[\]^`{{|}}~]",),
    "reversed": (
        r"(?:[0-9A-Fa-f]{2}%){4}|(?:;[0-9A-Fa-f]{2,3}x?#&){4}|(?:[0-9A-Fa-f]{2}(?:00u|x)\\){4}",
        r"(?:\}[0-9A-Fa-f]{1,4}\{[xu]\\){4}|(?:[0-7]{2}[0-3]\\){4}|(?:[0-9A-F]{2}00\+U ?){4}|(?:[0-9A-Fa-f]{2}=){4}",
        r" (?:eht|dna|rof|htiw) |//:s?ptth|\b(?:moc|ten|gro)\.",
    ),
    "rot13": (
        r"(?:%[2-7][0-9n-sN-S]){4}|(?:\\(?:h00|k)[2-7][0-9n-sN-S]){4}|(?:&#k[0-9n-s]{2};){4}",
        r" (?:gur|naq|sbe|jvgu) |uggcf?://|[a-z]\.(?:pbz|arg|bet)\b",
    ),
    "base64": (_TOKEN, "[a-z_-]{17}", f"{_B64}{{6,7}}="),
    "hex": (r"[0-9A-Fa-f]{12}", r"(?:(?:0x)?[0-9A-Fa-f]{2}[ :,-]{1,2}){5}"),
    "base32": (r"[A-Z2-7]{10}", r"[a-z2-7]{24}", r"[a-z2-7]{4}[2-7][a-z2-7]{5}|[a-z2-7]{9}[2-7]"),
    "ascii85": (r"(?:[*-I][!-uz]{4}){2}", f"(?:{marks_of(SYMBOLS['ascii85']).decode()})[!-uz]{{8}}", "<~[!-uz]{6}"),
    "base85": (rf"(?:[9A-Za-e]{_B85}{{4}}){{2}}", f"(?:{marks_of(SYMBOLS['base85']).decode()}){_B85}{{8}}", _ODD),
    "z85": (rf"(?:[a-zA-E]{_Z85}{{4}}){{2}}", f"(?:{marks_of(SYMBOLS['z85']).decode()}){_Z85}{{8}}"),
    "fields": (r"\"\s*:\s*[\"0-9-]", r"\"\s*,\s*\""),
    "events": (r"\ndata:",),
    "lines": (r"[}]\r?\n[{]",),
    "digits": (f"[0-9](?:{_SEPARATED}{{0,9}}[0-9]){{6}}", r"[0-9]{2}[ )./-]{0,3}[ \t\r\n,;|]{1,60}[(]?[0-9]{2}"),
    "decimals": (r"[0-9]\.[0-9]{3}|[0-9],[0-9]{4}|[0-9]{4}\.[0-9]",),
    "angles": (
        r"[0-9],[0-9]{1,2}(?:\.[0-9]+)?(?:,[0-9.]{1,9})?[NSEW]|[0-9]/1[,; ]+[0-9]+/1",
        r"[(\[][0-9]{1,3}(?:\.0)?, ?[0-9]{1,2}(?:\.0)?, ?[0-9]{1,2}\.[0-9]+[)\]]|[0-9]{4}\.[0-9]{2,8}, ?[NSEW]",
        r"[-+][0-9]{4,6}(?:\.[0-9]+)?[-+][0-9]{5}",
    ),
    "degrees": (
        r"[0-9][ :][0-9]{1,2}[ :][0-9]{1,2}(?:\.[0-9]+)? ?[NSEW]",
        rf"[0-9] ?(?:{_DEGREE}|[dD](?:eg)?) ?[0-9]{{1,2}}(?:\.[0-9]+)? ?(?:['mM ]|{_MINUTE})",
    ),
    "scaled": (r"[0-9]{7}",),
    "grid": (
        r"[0-9][ ]?[C-X][^0-9A-Za-z]?.{0,12}[0-9]{6}.{1,16}[0-9]{6}|[0-9][C-X] ?[A-Z]{2} ?[0-9]{3}",  # UTM, MGRS
        r"[0-9a-f]{8}",  # S2, H3, well-known binary
        r"[0-9]{17}",
    ),
    "tile": (r"(?:1[5-9]|2[0-2])/[0-9]{4,7}/[0-9]",),
    "hash": (_HEX_RUN, r"[A-Za-z0-9+/_-]{22}"),
    "geohash": (r"(?:[0-9][b-hjkmnp-z0-9]{4}|[b-hjkmnp-z0-9]{4}[0-9]|[B-HJKMNP-Z0-9]{4}[0-9])",),
    "plus code": (r"[23456789CFGHJMPQRVWXcfghjmpqrvwx]{4}\+[23456789CFGHJMPQRVWXcfghjmpqrvwx]{2}",),
    "masked": (r"[0-9].{0,12}(?:\*|[xX]{2}|#|\xe2\x80\xa2|_{2})|(?:\*|[xX]{2}|#|\xe2\x80\xa2|_{2}).{0,12}[0-9]",),
    "said": (
        rf"(?:\b(?:{_SAID}){_GAP}){{2}}",
        r"[^A-Za-z0-9](?:at|arroba)[^A-Za-z0-9].{1,60}[^A-Za-z0-9](?:dot|punkt|punto|point|period)[^A-Za-z0-9]",
        rf"(?:\b(?:{_NATO}){_GAP}){{3}}",
        r"(?:[^A-Za-z0-9][A-Za-z0-9]){4}[^A-Za-z0-9]",
    ),
}
# Slow expressions, each with a quick one for something that it never does without.
_GATES: Mapping[str, str] = {
    _TOKEN: r"[0-9+/][A-Za-z_-]|[A-Za-z_-][0-9+/]|[a-z_-][A-Z]|[A-Z]{2}",
    MARKS["hex"][0]: _HEX_RUN,
    MARKS["hex"][1]: r"[0-9][0-9A-Fa-f]|[A-Fa-f][0-9]",  # bytes that read have a digit in one half
    _ODD: r"[!#$%&()*+;<=>?@^`{|}~]",
    MARKS["base32"][2]: r"[2-7][a-z2-7]|[a-z][2-7]",
}
ALL = frozenset(MARKS)
_CASELESS = frozenset({"said"})
_BULK = 16_384  # bytes from which one expression after the other is quicker


class Signals:
    """The marks, compiled. Not for two threads at once."""

    def __init__(self, *, plain: bool = False) -> None:
        self._every = [(name, each) for name, alternatives in MARKS.items() for each in alternatives]
        self._plain = plain or hyperscan is None
        self._searches: dict[str, Callable[[bytes], bool]] = {}
        self._databases: dict[str, Any] = {}
        if not self._plain:
            self._together = _database([each for _, each in self._every], [_flags(name) for name, _ in self._every])

    def present(self, data: bytes) -> frozenset[str]:
        """Names of the marks that stand in UTF-8 text."""
        if self._plain or len(data) >= _BULK:
            return self._one_by_one(data)
        found: set[int] = set()
        self._together.scan(data, match_event_handler=lambda i, _s, _e, _f, _c: found.add(i))
        return frozenset(self._every[i][0] for i in found)

    def windows(self, name: str, data: bytes, around: int) -> list[bytes]:
        """What stands around every place of one mark, to whole lines if they are near; all of a short text."""
        if len(data) < _BULK:
            return [data]
        ends: list[int] = []

        def told(_id: int, _start: int, end: int, _flags: int, _context: object) -> None:
            ends.append(end)

        for expression in MARKS[name]:
            if self._plain:
                pattern = re.compile(expression.encode(), re.DOTALL | (re.IGNORECASE if name in _CASELESS else 0))
                ends += [match.end() for match in pattern.finditer(data)]
                continue
            key = expression + "\0all"
            if key not in self._databases:
                once = int(hyperscan.HS_FLAG_SINGLEMATCH)
                self._databases[key] = _database([expression], [_flags(name) & ~once])
            self._databases[key].scan(data, match_event_handler=told)
        spans: list[list[int]] = []
        for end in sorted(ends):
            if spans and end - around <= spans[-1][1]:
                spans[-1][1] = end + around
            else:
                spans.append([max(0, end - around), end + around])
        return [data[begin:end] for begin, end in spans]

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
    database = _database([expression], [_flags(name)])

    def stands(data: bytes) -> bool:
        try:
            database.scan(data, match_event_handler=lambda *_match: True)  # True ends the scan
        except hyperscan.ScanTerminated:
            return True
        return False

    return stands


def _database(expressions: Sequence[str], flags: Sequence[int]) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    encoded = [expression.encode() for expression in expressions]
    database.compile(expressions=encoded, ids=list(range(len(encoded))), flags=list(flags))
    return database


def _flags(name: str) -> int:
    caseless = hyperscan.HS_FLAG_CASELESS if name in _CASELESS else 0
    return int(hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL | caseless)


@cache
def signals(*, plain: bool = False) -> Signals:
    return Signals(plain=plain)
