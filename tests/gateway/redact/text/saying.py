"""Ways people say numbers, names and e-mails, drawn by a seeded generator."""

import random
import re
import unicodedata

DIGITS = "oh one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NATO = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo "
    "sierra tango uniform victor whiskey xray yankee zulu"
).split()
FILLERS = (
    "um;uh;okay;like;and;then;um uh like;and then;okay so;let me see;hold on;followed by;uh huh;yeah;so;you know".split(
        ";"
    )
)
CORRECTIONS = "no sorry make that;no wait;sorry;scratch that;i mean;correction;actually no;wait no".split(";")
NUMBER_WAYS = ("plain", "pairs", "mixed", "hyphens", "fillers", "corrected", "grouped", "written")
NAME_WAYS = ("plain", "possessive", "bare s", "plural", "split", "hyphens", "dots", "nato", "as in", "double u", "then")


def say_number(digits: str, way: str, rng: random.Random) -> str:
    """`digits` as people say them in one of NUMBER_WAYS."""
    if way == "written":
        return digits
    if way == "grouped":
        return rng.choice([" ", "-", "."]).join(digits[at : at + 3] for at in range(0, len(digits), 3))
    words = _words(digits, way, rng)
    if way == "hyphens":
        return _in_groups(words, "-", [" "], rng, most=4)
    if way == "fillers":
        return _in_groups(words, " ", [f" {filler} " for filler in FILLERS], rng, most=2)
    if way == "corrected" and len(words) > 4:
        at = rng.randint(3, len(words) - 1)
        return " ".join([*words[:at], rng.choice(CORRECTIONS), *words[at - 2 :]])
    return " ".join(words)


def _in_groups(words: list[str], inner: str, outer: list[str], rng: random.Random, most: int) -> str:
    said, at = "", 0
    while at < len(words):
        count = rng.randint(1, most)
        group = [word.replace(" ", inner) for word in words[at : at + count]]
        said += (rng.choice(outer) if said else "") + inner.join(group)
        at += count
    return said


def _words(digits: str, way: str, rng: random.Random) -> list[str]:
    words, at = [], 0
    while at < len(digits):
        here = digits[at : at + 2]
        if way in ("pairs", "mixed", "hyphens") and len(here) == 2 and (way == "pairs" or rng.random() < 0.4):
            words.append(_pair(here, rng))
            at += 2
        elif digits[at : at + 3] == 3 * digits[at] and rng.random() < 0.4:
            words.append(f"triple {_one(digits[at], rng)}")
            at += 3
        else:
            words.append(_one(digits[at], rng))
            at += 1
    return words


def _one(digit: str, rng: random.Random) -> str:
    return rng.choice(["oh", "zero", "o"]) if digit == "0" else DIGITS[int(digit)]


def _pair(pair: str, rng: random.Random) -> str:
    value = int(pair)
    if value < 10:
        return f"{_one('0', rng)} {_one(pair[1], rng)}"
    if value < 20:
        return TEENS[value - 10]
    return TENS[value // 10 - 2] + (rng.choice([" ", "-"]) + DIGITS[value % 10] if value % 10 else "")


def plain(name: str) -> str:
    """Lower case without accents, as a recogniser writes it."""
    low = unicodedata.normalize("NFKD", name.replace("ß", "ss")).lower()
    return "".join(ch for ch in low if not unicodedata.combining(ch))


def say_name(name: str, way: str, rng: random.Random) -> str:
    """`name` as recognisers write it, or spelled, in one of NAME_WAYS."""
    low = plain(name)
    letters = [ch for ch in low if ch.isalpha()]
    if way == "split":
        pieces = re.split(r"[ '-]", low)
        at = rng.randint(3, len(low) - 3) if len(low) > 6 and len(pieces) == 1 else 0
        return rng.choice([" ".join(pieces), "".join(pieces)]) if len(pieces) > 1 else f"{low[:at]} {low[at:]}".strip()
    spelled = {
        "hyphens": "-".join(letters).upper(),
        "dots": ".".join(letters).upper() + ".",
        "nato": " ".join(NATO[ord(ch) - ord("a")] for ch in letters),
        "as in": " ".join(f"{ch} as in {NATO[ord(ch) - ord('a')]}" for ch in letters),
        "double u": " ".join(rng.choice(["double u", "double-u"]) if ch == "w" else ch for ch in letters),
        "then": " then ".join(letters),
    }
    ends = {"plain": "", "possessive": "'s", "bare s": "s", "plural": "s'"}
    return spelled[way] if way in spelled else low + ends[way]


def say_email(email: str, way: str, rng: random.Random) -> str:
    """`email` spoken, half written, with spaces around the sign, or written."""
    mailbox, domain = email.split("@")
    said = (_aloud(mailbox, rng), _aloud(domain, rng))
    ways = {
        "spoken": f"{said[0]} at {said[1]}",
        "half": f"{mailbox} at {domain}",
        "spaced": f"{mailbox} @ {domain}",
        "written": email,
        "mailbox written": f"{mailbox} at {said[1]}",
    }
    return ways[way]


def _aloud(part: str, rng: random.Random) -> str:
    marks = {".": "dot", "_": "underscore", "-": rng.choice(["dash", "hyphen"])}
    said = []
    for piece in re.findall(r"[a-z]+|\d+|[._-]", part):
        spelled = " ".join(piece) if rng.random() < 0.25 and len(piece) < 9 else piece
        said.append(marks.get(piece) or (say_number(piece, "plain", rng) if piece.isdigit() else spelled))
    return " ".join(said)
