"""Text -> which decoders and matchers could find anything in it: one look decides for all of them.

Most text is plain. Each reader has a mark that its food cannot do without; all marks are searched in one pass
(Hyperscan, or one expression after the other without it). A mark may stand without anything behind it, never the
other way round: `tests/scenarios/leaks/test_signals.py` holds every reader to that.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from scenarios.leaks.matching import hyperscan

_B64 = "[A-Za-z0-9+/_-]"
_TURN = "(?:[a-z_-][A-Z0-9+/]|[0-9+/][A-Za-z_-]|[A-Z]{2}|[A-Z][0-9+/])"  # what a plain word has not inside
_TOKEN = "|".join(_B64 * before + _TURN + _B64 * (6 - before) for before in range(7))
_B85 = r"[0-9A-Za-z!#$%&()*+\-;<=>?@^_`{|}~]"
_SEPARATED = r"[^A-Za-z0-9_,;:\"'{}\[\]<>&=|\r\n]"  # as numbers_in reads; bytes, so wide separators count thrice
_SAID = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|treble|nought|niner|"
_SAID += "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
_SAID += "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
_NATO = (
    "alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|"
    "quebec|romeo|sierra|tango|uniform|victor|whiskey|x-?ray|yankee|zulu"
)
_GAP = r"[^A-Za-z0-9]{1,3}"

MARKS: Mapping[str, str] = {
    "percent": r"%[0-9A-Fa-f]{2}",
    "html": r"&(?:#|[A-Za-z])",
    "escapes": r"\\[ux\"'\\/bfnrt]",
    "markup": r"<[!?/A-Za-z]",
    "quoted-printable": r"=[0-9A-F]{2}|=\r?\n",
    "wrapped": r"[A-Za-z0-9+/_-]{12}[ \t]*\r?\n",
    "reversed": r"(?:[0-9A-Fa-f]{2}%){4}|(?:;[0-9A-Fa-f]{2,3}x?#&){4}|(?:[0-9A-Fa-f]{2}(?:00u|x)\\){4}",
    "rot13": r"(?:%[2-7][0-9n-sN-S]){4}|(?:\\(?:h00|k)[2-7][0-9n-sN-S]){4}|(?:&#k[0-9n-s]{2};){4}",
    "base64": f"{_TOKEN}|[a-z_-]{{17}}|{_B64}{{6,7}}=",
    "hex": r"[0-9A-Fa-f]{12}|(?:(?:0x)?[0-9A-Fa-f]{2}[ :,-]{1,2}){5}",
    "base32": r"[A-Z2-7]{10}|[a-z2-7]{24}|[a-z2-7]{4}[2-7][a-z2-7]{5}|[a-z2-7]{9}[2-7]",
    "ascii85": r"(?:[*-I][!-uz]{4}){2}|(?:\+,\^[C-F]|G[Qabgh]|:eLln|rAT%|6<\\%_)[!-uz]{8}",
    "base85": rf"(?:[9A-Za-e]{_B85}{{4}}){{2}}|(?:ABz|c[$%m-]|P\)h>@|\{{Wp48|LRx4!){_B85}{{8}}",
    "fields": r"\"\s*:\s*[\"0-9-]",
    "events": r"\ndata:",
    "numbers": f"[0-9](?:{_SEPARATED}{{0,9}}[0-9]){{6}}",
    "decimals": r"[0-9]\.[0-9]{3}|[0-9],[0-9]{4}",
    "degrees": r"[0-9] ?(?:\xc2[\xb0\xba]|\xcb\x9a|[dD])",
    "scaled": r"[0-9]{7}",
    "tile": r"/(?:1[5-9]|2[0-2])/[0-9]{4}",
    "hash": r"[0-9A-Fa-f]{8}|[A-Za-z0-9+/_-]{22}",
    "geohash": r"(?:[0-9][b-hjkmnp-z0-9]{4}|[b-hjkmnp-z0-9]{4}[0-9]|[B-HJKMNP-Z0-9]{4}[0-9])",
    "plus code": r"[23456789CFGHJMPQRVWXcfghjmpqrvwx]{4}\+[23456789CFGHJMPQRVWXcfghjmpqrvwx]{2}",
    "masked": r"[0-9].{0,12}(?:\*|[xX]{2}|#|\xe2\x80\xa2|_{2})|(?:\*|[xX]{2}|#|\xe2\x80\xa2|_{2}).{0,12}[0-9]",
    "said": rf"(?:\b(?:{_SAID}){_GAP}){{4}}|(?:\b(?:{_NATO}){_GAP}){{3}}|(?:[^A-Za-z0-9][A-Za-z0-9]){{4}}[^A-Za-z0-9]",
}
ALL = frozenset(MARKS)
_CASELESS = frozenset({"said"})


class Signals:
    """The marks, compiled. Not for two threads at once."""

    def __init__(self, *, plain: bool = False) -> None:
        self._names = tuple(MARKS)
        self._patterns = [
            (name, re.compile(MARKS[name].encode(), re.DOTALL | (re.IGNORECASE if name in _CASELESS else 0)))
            for name in self._names
        ]
        self._database: Any = None
        if hyperscan is not None and not plain:
            self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
            once = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL
            self._database.compile(
                expressions=[MARKS[name].encode() for name in self._names],
                ids=list(range(len(self._names))),
                flags=[once | (hyperscan.HS_FLAG_CASELESS if name in _CASELESS else 0) for name in self._names],
            )

    def present(self, data: bytes) -> frozenset[str]:
        """Names of the marks that stand in UTF-8 text."""
        if self._database is None:
            return frozenset(name for name, pattern in self._patterns if pattern.search(data))
        found: set[int] = set()
        self._database.scan(data, match_event_handler=lambda i, _s, _e, _f, _c: found.add(i))
        return frozenset(self._names[i] for i in found)


@cache
def signals(*, plain: bool = False) -> Signals:
    return Signals(plain=plain)
