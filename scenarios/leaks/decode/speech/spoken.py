"""Writes out numbers, names, streets and e-mail addresses as people say them.

It reads number words ("double five", "one hundred seventy five"; single digits also in German, Spanish and French),
spelled letters and the NATO alphabet. It reads over the fillers and corrections of speech ("five four, um, one", "five
six, sorry, five five"). It reads e-mail addresses with their signs as words ("may underscore t eighty four at example
dot net") or in brackets ("may [at] example [dot] net").
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product

from scenarios.leaks.decode.speech.angles import angles
from scenarios.leaks.decode.speech.counted import AT, DOT
from scenarios.leaks.needles.literals import fold, spaced

_DIGITS = {word: str(at) for at, word in enumerate("zero one two three four five six seven eight nine".split())}
_DIGITS |= {"oh": "0", "nought": "0", "niner": "9", "tree": "3", "fife": "5", "null": "0"}
_ABROAD = (
    "null eins zwei drei vier funf sechs sieben acht neun", "null ein zwo drei vier fuenf sechs sieben acht neun",
    "cero uno dos tres cuatro cinco seis siete ocho nueve", "zero un deux trois quatre cinq six sept huit neuf",
)  # fmt: skip
_DIGITS |= {word: str(at) for row in _ABROAD for at, word in enumerate(row.split())}
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TEEN = {word: str(10 + at) for at, word in enumerate(_TEENS)}
_TENS = {w: str(2 + at) for at, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())}
_TENS |= {"fourty": "4"}
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_NATO = {
    word: word[0]
    for word in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar "
        "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
    ).split()
}
_SCALES = {"hundred": 100, "thousand": 1000}
_FEWEST = 4  # symbols in a row before they are a number or a name
_BETWEEN = frozenset("and dash hyphen space dot as in for minus slash then area code".split())
_SOUNDS = frozenset("um uh uhm er erm ehm hmm hm mm ah eh".split())
_FILLERS = _SOUNDS | frozenset("like so well okay ok yeah right let me see you know think".split())
_CORRECTIONS = frozenset("no sorry wait actually rather correction oops scratch mean pardon".split())
# In the words view; the first ones take back what was said.
_PHRASES = re.compile(
    r"\b(?:(i mean|make that|make it|hold on|let me correct that|strike that)|it s|that s|i m|let s|you know|"
    r"let me see|i think|i believe|one moment|one sec|one second|just a second|it is)\b"
)
_MOSTLY = 0.7  # of what was heard that must be digits
_BESIDE = 3  # words beside a spelled one
_SPELLED = 4  # letters in a row of a spelled name
_CORRECTED = (0, 1, 2, 3, 4)  # how many symbols a correction may take back
_MOST_CORRECTIONS = 2

_SIGNS = dict.fromkeys(AT.split("|"), "@") | dict.fromkeys(DOT.split("|"), ".") | {

    "underscore": "_", "underline": "_", "dash": "-", "hyphen": "-", "minus": "-", "plus": "+",
}  # fmt: skip
_TOKEN = re.compile(r"[^\W_](?:[\w.+'-]*\w)?|@")
_AT = re.compile(rf"(?i)(?<!\w)(?:{AT})(?!\w)")
# Letters as a recogniser hears their names.
_LETTERS = dict(
    zip(
        "tee bee cee see dee gee jay kay ell em en pee cue are ess vee ex why zee zed".split(),
        "tbccdgjklmnpqrsvxyzz",
        strict=True,
    )
)
_LOCAL, _DOMAIN = 14, 8  # words of an address before and behind its at
_NUMBERS = frozenset((*_DIGITS, *_TEEN, *_TENS, *_SCALES, *_TIMES))
_HEARD = _NUMBERS | {*_NATO, *_CORRECTIONS, *_BETWEEN, "hundred"}
_AROUND = 8  # words on either side of a spoken number that may be its street


def said(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield ("spoken", bytes): one layer with every spoken run, its symbols once apart and once together."""
    words = _PHRASES.sub(lambda found: "sorry" if found[1] else "um", spaced(fold(text)).decode()).split()
    heard = [word for word in words if word not in _FILLERS]
    lines = [sep.join(run) for run in _runs(heard) for sep in (" ", "")]
    lines += _with_numerals([word for word in words if word not in _SOUNDS])
    lines += angles([word for word in words if word not in _SOUNDS], _end_of_number, _read)
    lines += _with_spellings(words)
    lines += _addresses(text)
    if lines:
        yield "spoken", "\n".join(dict.fromkeys(lines)).encode()


def _runs(words: list[str]) -> Iterator[list[str]]:
    """Yield the runs of symbols in which at least one was said as a word or letter. Written digits are read elsewhere.

    A correction takes back some of the symbols before it. How many is unknown, so each number of them is tried.
    """
    parts: list[list[str]] = [[]]
    heard, at = 0, 0
    while at < len(words):
        word = words[at]
        if len(word) > 1 and word not in _HEARD and not heard and not parts[0]:
            at += 1  # nothing was heard before, and this is no part of anything
            continue
        symbols, used = _symbols(words, at)
        if symbols:
            heard += not word.isdigit()
            parts[-1] += symbols
        elif word in _CORRECTIONS and parts[-1]:
            parts.append([])
        elif (word not in _BETWEEN and word not in _CORRECTIONS) or not parts[0]:
            yield from _corrected(parts, heard)
            parts, heard = [[]], 0
        at += used
    yield from _corrected(parts, heard)


def _corrected(parts: Sequence[Sequence[str]], heard: int) -> Iterator[list[str]]:
    if heard < 2:
        return
    kept = [part for part in parts if part]
    if len(kept) - 1 > _MOST_CORRECTIONS:
        kept = [*kept[:_MOST_CORRECTIONS], [symbol for part in kept[_MOST_CORRECTIONS:] for symbol in part]]
    for taken_back in product(_CORRECTED, repeat=len(kept) - 1):
        run: list[str] = []
        for part, back in zip(kept, (*taken_back, 0), strict=True):
            run += part
            run = run[: len(run) - back]
        if len(run) >= _FEWEST:
            yield run
            if "o" in run and sum(map(str.isdigit, run)) >= _MOSTLY * len(run):
                yield ["0" if symbol == "o" else symbol for symbol in run]  # "five o three"


def _symbols(words: list[str], at: int) -> tuple[list[str], int]:
    """Return the symbols that the words from `at` on stand for, and how many words were used."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    if word in _TIMES:
        times = _one(following)
        return ([times] * _TIMES[word], 2) if times else ([], 1)
    if word in _TENS:
        unit = _DIGITS.get(following, "")
        return ([_TENS[word], unit], 2) if unit and unit != "0" else ([_TENS[word], "0"], 1)
    if word in _TEEN:
        return list(_TEEN[word]), 1
    if word == "hundred":
        return ["0", "0"], 1
    one = _one(word)
    return ([one] if one else []), 1


def _one(word: str) -> str:
    if len(word) == 1 and word.isascii():
        return word
    return _DIGITS.get(word) or _NATO.get(word, "")


def _with_numerals(words: list[str]) -> list[str]:
    """Return the words around every spoken number with the number in digits, read digit by digit and as one sum."""
    lines, at = [], 0
    while at < len(words):
        if words[at] not in _NUMBERS:
            at += 1
            continue
        end = _end_of_number(words, at)
        before, after = words[max(0, at - _AROUND) : at], words[end : end + _AROUND]
        for numeral in {_figures(words[at:end]), _sum(words[at:end])} - {""}:
            lines.append(" ".join((*before, numeral, *after)))
        at = end
    return lines


def _read(words: list[str]) -> str:
    return _sum(words) or _figures(words)


def _with_spellings(words: list[str]) -> list[str]:
    """Return every run of spelled letters as one word, with the words on either side of it."""
    made: list[str] = []
    places: list[int] = []
    run: list[str] = []
    for word in (*words, ""):
        if len(word) == 1 and word.isalpha():
            run.append(word)
            continue
        if len(run) >= _SPELLED and len(set(run)) >= _SPELLED - 1:
            places.append(len(made))
            run = ["".join(run)]
        made += [*run, word]
        run = []
    return [" ".join(made[max(0, at - _BESIDE) : at + _BESIDE + 1]) for at in places]


def _end_of_number(words: list[str], at: int) -> int:
    end = at
    while end < len(words) and (_is_number(words[end]) or (words[end] == "and" and end > at)):
        end += 1
    while end > at and words[end - 1] == "and":
        end -= 1
    return end


def _is_number(word: str) -> bool:
    return word in _NUMBERS


def _figures(words: list[str]) -> str:
    """Read a number digit by digit: "seventy eight twenty eight" is 7828, "one oh five" is 105. With "thousand" in it,
    return nothing.
    """
    if any(word in _SCALES for word in words) and words[-1] != "hundred":
        return ""
    figures, at = [], 0
    while at < len(words):
        symbols, used = _symbols(words, at)
        figures += symbols
        at += used
    return "".join(figures)


def _sum(words: list[str]) -> str:
    """Read a number as a sum: "two thousand seven hundred and sixty six" is 2766, "forty one hundred" is 4100."""
    if not any(word in _SCALES for word in words):
        return ""
    total = current = 0
    for word in words:
        if word in _DIGITS:
            current += int(_DIGITS[word])
        elif word in _TEEN:
            current += int(_TEEN[word])
        elif word in _TENS:
            current += 10 * int(_TENS[word])
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word == "thousand":
            total, current = total + max(current, 1) * 1000, 0
    return str(total + current)


def _addresses(text: str) -> list[str]:
    """Return e-mail addresses whose signs are words. Nobody says where an address begins, so each word before the "at"
    is tried.
    """
    lines = []
    for match in _AT.finditer(text):
        before = _TOKEN.findall(text[max(0, match.start() - 200) : match.start()])[-_LOCAL:]
        after = _TOKEN.findall(text[match.end() : match.end() + 160])[:_DOMAIN]
        heard = [word.lower() for word in after]
        domain = _domain([word for word in heard if word not in _SOUNDS])
        if not domain:
            continue
        local = _written([word.lower() for word in before])
        named = [_LETTERS.get(each, each) for each in local]
        coded = [_NATO.get(each, each) for each in local]
        for written in (local, *(each for each in (named, coded) if each != local)):
            lines += ["".join(written[at:]) + "@" + domain for at in range(len(written))]
    return lines


def _domain(words: list[str]) -> str:
    """Return the labels with dots between them, or nothing if there is no dot."""
    made, expecting = "", True
    for at, word in enumerate(words):
        sign = _SIGNS.get(word)
        if sign in (".", "-") and made:
            made, expecting = made + sign, True
        elif expecting or (at and len(word) == 1 and not made.endswith(".")):
            made, expecting = made + "".join(_written([word])), len(word) == 1 and "." not in made
        else:
            break
    return made.strip(".-") if "." in made.strip(".-") else ""


def _written(words: list[str]) -> list[str]:
    """Return each word as an address writes it: signs, digits, letters and words."""
    made, at = [], 0
    while at < len(words):
        word = words[at]
        if word in _SIGNS:
            made.append(_SIGNS[word])
            at += 1
        elif _is_number(word):
            end = _end_of_number(words, at)
            made.append(_figures(words[at:end]) or _sum(words[at:end]))
            at = max(end, at + 1)
        elif (word in _FILLERS and len(word) < 4) or word in _SOUNDS:
            at += 1
        elif word in _CORRECTIONS and made and at + 1 < len(words):
            made.pop()  # what was said before it
            at += 1
        else:
            made.append(word)
            at += 1
    return made
