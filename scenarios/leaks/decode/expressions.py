"""The mark of each reader: expressions of which one matches in every text in which the reader finds something.

A mark may match without any find behind it, but never the other way round: `signals` tells which marks a text has.
"""

from collections.abc import Mapping

from scenarios.leaks.decode.base85 import SYMBOLS, marks_of
from scenarios.leaks.decode.speech.counted import AT, DOT, MARKS_ABROAD
from scenarios.leaks.decode.written.rotated import SIGNS

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

_OPEN, _CLOSE = r"[ \[({<_]{1,3}", r"[ \])}>_]{1,3}"  # around a word for a sign of an address

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
    "mojibake": (
        r"\xc3[\x82-\xb4](?:\xc2|\xc5|\xc6\x92|\xcb|\xe2[\x80\x82\x84])",
        r"(?:\xe2\x94[\x80\x9c\xac\xbc]|\xce\x93|\xe2\x95[\x9e\xa4\xa7]|\xe2\x88\x9a|\xc2\xac|\xc6\x92)"
        r"(?:\xc2|\xc3|\xc4|\xc6|\xce|\xe2[\x81\x82\x88-\x89\x8c\x95-\x96])",
    ),
    "cloudflare": ("data-cfemail|email-protection#",),
    "keyed array": (r'"0": ?[0-9]{1,3}, ?\s*"1": ?[0-9]',),
    "git patch": (r"(?:literal|delta) [0-9]{1,12}\r?\n[A-Za-z]",),
    "shifted": (r"\x1b\$[()]?[@A-D]", r"~\{[!-w][!-~]"),
    "overstruck": (r"[^\x08\n]\x08[^\n]",),
    "tex": (
        r"\{\\(?:[\"'`^~=.]|[Hcdkruv] )\{?\\?[A-Za-z]\}?\}|\\[\"'`^~=.Hcdkruv]\{\\?[A-Za-z]\}",
        r"[A-Za-z]\\[\"'`^~]\\?[A-Za-z]|\\(?:ss|[ao]e|aa|[AO]E|AA|[olOLi])(?:[}]|\{\}|\\ | [a-z])",
    ),
    "literals": (
        r"[^\"'][\"']\s{0,40}(?:[+.&]|\|\|)\s{0,40}[\"'][^\"',:]",
        r"[^\"'\s][\"'](?:[ \t]*\r?\n[ \t]*|[ \t])[\"'][^\"'\s,:]",
    ),
    "numerals": (
        r"(?:\xe3\x80\x87|\xe4(?:\xb8[\x80\x83\x89]|\xba[\x8c\x94]|\xb9\x9d)|\xe5(?:\x9b\x9b|\x85[\xab\xad])){2}",
    ),
    "hyphenated": (r"[a-z\x80-\xff](?:-|\xc2\xad)[ \t]*\r?\n[ \t>#*/|]*[a-z\x80-\xff]",),
    "emphasis": (r"[A-Za-z0-9\x80-\xff](?:\*\*|~~)[A-Za-z0-9\x80-\xff]",),
    "thousands": (r"[0-9](?:,[0-9]{3}){3}",),
    "mailbox": (r"[A-Za-z0-9._%-]\+[A-Za-z0-9._%=+-]{1,64}@", r"[Ss][Rr][Ss][01][=+-]"),
    "spelled out": (
        rf"[A-Za-z0-9]{_OPEN}(?:[aA][tT]|@|[Aa]rroba){_CLOSE}[A-Za-z0-9-]{{1,60}}"
        rf"(?:\.|{_OPEN}(?:[dD][oO0][tT]|[Pp]un[kt][to]|[Pp]oint){_CLOSE}|[ ]?\[\.\])",
    ),
    "remarked": (
        r"@[A-Za-z0-9.-]{0,60}\([^()\r\n]{1,40}\)[A-Za-z0-9]|[A-Za-z0-9]\([^()\r\n]{1,40}\)@",
        r"@(?:[nN][oO][._-]?[sS][pP][aA][mM]|[rR][eE][mM][oO][vV][eE]|[aA][nN][tT][iI][sS][pP][aA][mM])",
        r"@[A-Za-z0-9.-]{3,60}\.(?:[nN][oO][._-]?[sS][pP][aA][mM]|[rR][eE][mM][oO][vV][eE]|invalid)",
    ),
    "units": (
        r"(?:[0-9]{2,3}(?:[^0-9\s,;.:]|[,;] ?[^0-9\s,;.:])[^\r\n]{0,10}){6}[0-9]{2}",
        r"(?:[0-9A-Fa-f]{2}(?:[^0-9A-Fa-f\s,:]|, ?[^0-9A-Fa-f\s,:])[^\r\n]{0,9}){6}[0-9A-Fa-f]{2}",
        r"[01]{7}[ ,][01]{7}[ ,][01]{7}[ ,][01]{7}",
    ),
    "letters": (r"(?:['\"](?:[^'\"\\\r\n]|\\.)['\"][^'\"\r\n]{1,8}){5}['\"]",),
    "short octal": (r"(?:\\0?[0-7]{1,3}){4}",),
    "escaped signs": (r"[0-9)]\\[-. ()/+]|\\[(+][0-9]",),
    "directory": (r"\\[C-Fc-f][0-9A-Fa-f]\\[89ABab][0-9A-Fa-f]",),
    "office": (r"_x[0-9A-Fa-f]{4}_",),
    "parted": (r" std(?:out|err) P ", r"(?:[^\\]n|[^n\"])\",\s?\"(?:stream|time)\":"),
    "calls": (r"(?:[Cc][Hh][Aa]?[Rr][Ww]?[Bb$]?|[Cc][Oo][Dd][Ee]|[Pp][Oo][Ii][Nn][Tt])\(\s?[0-9]",),
    "css": (r"(?:\\[0-9A-Fa-f]{2,6} ?){4}", r"content\s{0,9}:\s{0,9}[\"'][^\n]{0,400}\\[0-9A-Fa-f]"),
    "adobe": (r"<~[!-uz\s]{6}",),
    "concatenated": (r"[cC][oO][nN][cC][aA][tT]\(\s{0,20}[\"']",),
    "roff": (r"\\[(\[](?:[:'`^~,][A-Za-z]|/[oOlL]|o[aA]|u[0-9A-F]{4}|ss|ae|oe|AE|OE)",),
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
    "tile": (r"(?:1[5-9]|2[0-2])/[0-9]{4,7}/[0-9]", r"[0-3]{15}"),
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
GATES: Mapping[str, str] = {
    _TOKEN: r"[0-9+/][A-Za-z_-]|[A-Za-z_-][0-9+/]|[a-z_-][A-Z]|[A-Z]{2}",
    MARKS["hex"][0]: _HEX_RUN,
    MARKS["hex bytes"][0]: r"[0-9][0-9A-Fa-f]|[A-Fa-f][0-9]",  # bytes that read have a digit in one half
    _ODD_ASCII: r"[!#$%&()*+;<=>?@^`]",
    _ODD: r"[!#$%&()*+;<=>?@^`{|}~]",
    _B32_LOWER: r"[2-7][a-z2-7]|[a-z][2-7]",
}
