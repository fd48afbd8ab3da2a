"""Writes numbers in digits that are said in German, French, Spanish, Portuguese, Italian and Dutch (text2num), and
digits said one by one in Polish, Czech, Russian, Ukrainian, Turkish and the languages of the north.

English is in `spoken`, with its spelled letters and corrections.
"""

import re
from collections.abc import Iterator, Mapping

from text_to_num import alpha2digit

from scenarios.leaks.needles.literals import fold, spaced

# The words for one to nine, and those of which one alone is reason enough to look: tens and hundreds.
_DIGITS = {
    "de": "null|eins|zwei|zwo|drei|vier|f(?:ü|ue?)nf|sechs|sieben|acht|neun|zwölf",
    "fr": "z(?:e|é)ro|un|deux|trois|quatre|cinq|six|sept|huit|neuf|onze|douze|treize|seize",
    "es": "cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|once|doce|trece|catorce|quince",
    "pt": "zero|um|uma|dois|duas|tr(?:e|ê)s|quatro|cinco|seis|meia|sete|oito|nove|onze|doze|treze|quinze",
    "it": "zero|uno|due|tre|quattro|cinque|sei|sette|otto|nove|undici|dodici|tredici|quindici",
    "nl": "nul|een|twee|drie|vier|vijf|zes|zeven|acht|negen|elf|twaalf|dertien|veertien",
}
# Whole words where English has them inside its own ("recent", "prevention").
_TENS = {
    "de": "zwanzig|drei(?:ß|ss)ig|vierzig|f(?:ü|ue?)nfzig|sechzig|siebzig|achtzig|neunzig|hundert",
    "fr": r"\b(?:vingt|trente|quarante|cinquante|soixante|septante|huitante|nonante|cent)s?\b",
    "es": r"\b(?:veint|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|ciento)|cientos\b",
    "pt": r"\b(?:vinte|trinta|quarenta|cinquenta|sessenta|setenta|oitenta|noventa|cento|duzentos|trezentos)\b|centos\b",
    "it": r"\b(?:venti|trenta|quaranta|cinquanta|sessanta|settanta|ottanta|novanta)|cento",
    "nl": "twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig|honderd",
}
_LANGUAGES = {
    language: (re.compile(rf"\b(?:{digits})\b"), re.compile(_TENS[language])) for language, digits in _DIGITS.items()
}
# From nothing to nine.
_TABLES = (
    "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć", "nula jedna dva tři čtyři pět šest sedm osm devět",
    "noll ett två tre fyra fem sex sju åtta nio", "nul/null en/et to tre fire fem seks/sex syv/sju otte/åtte ni",
    "nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän",
    "sıfır bir iki üç dört beş altı yedi sekiz dokuz", "ноль один два три четыре пять шесть семь восемь девять",
    "нуль один два три чотири п'ять шість сім вісім дев'ять",
)  # fmt: skip
_FEWEST = 4  # digits in a row
_BETWEEN = re.compile(r"[,;:/\u2013\u2014-]+\s*|\.\s+")
_MISSING = ((re.compile(r"\bmeia\b(?! noite)"), "seis"), (re.compile(r"\bf(?:ue|u)nf\b"), "fünf"))
_SPELLED = ((re.compile(r"\bzero\b"), "zéro"),)
_WRITTEN = sorted({word for row in _TABLES for word in f"{row} {fold(row)}".replace("/", " ").split() if len(word) > 2})


def _in_bytes(expression: str) -> str:
    return "".join(sign if sign.isascii() else "".join(f"\\x{b:02x}" for b in sign.encode()) for sign in expression)


# The signs of an e-mail address.
AT, DOT = "at sign|at symbol|at|arroba|arobase|chiocciola|apenstaartje", "dot|punkt|punto|point|period|ponto|punt"
# Expressions over UTF-8: two such words beside each other, or one that alone is a number.
MARKS_ABROAD = (
    _in_bytes(rf"(?:(?:{'|'.join((*_DIGITS.values(), *_WRITTEN))})[^A-Za-z0-9\x80-\xff]{{1,4}}){{2}}"),
    _in_bytes("|".join(_TENS.values())),
)


def said_abroad(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield ("spoken", bytes): the lines that hold a number in words, with the number in digits."""
    plain = _BETWEEN.sub(" ", text.lower())
    for pattern, word in _MISSING:
        plain = pattern.sub(word, plain)
    lines: dict[str, None] = {}
    vocabulary = " ".join(set(plain.split()))  # far shorter than the text
    for language, (digits, tens) in _LANGUAGES.items():
        if tens.search(vocabulary) or (digits.search(vocabulary) and len(digits.findall(plain)) > 1):
            lines |= dict.fromkeys(_counted(plain, language, digits, tens))
    words = spaced(fold(text.replace("'", ""))).decode().split()
    known = set(words)
    lines |= dict.fromkeys(
        run for table in _FOLDED if not table.keys().isdisjoint(known) for run in _runs(words, table)
    )
    if lines:
        yield "spoken", "\n".join(lines).encode()


def _counted(text: str, language: str, digits: re.Pattern[str], tens: re.Pattern[str]) -> Iterator[str]:
    """Yield the lines with a number in words, in digits."""
    if language == "fr":
        for pattern, word in _SPELLED:
            text = pattern.sub(word, text)
    for line in text.split("\n"):
        if not digits.search(line) and not tens.search(line):
            continue
        counted = alpha2digit(line, language)
        if counted != line:
            yield counted


def _table(row: str) -> Mapping[str, str]:
    return {
        spaced(fold(word)).decode().replace(" ", ""): str(at)
        for at, words in enumerate(row.split())
        for word in words.split("/")
    }


def _runs(words: list[str], table: Mapping[str, str]) -> Iterator[str]:
    run: list[str] = []
    for word in (*words, ""):
        if word in table:
            run.append(table[word])
            continue
        if len(run) >= _FEWEST:
            yield "".join(run)
        run = []


_FOLDED = tuple(map(_table, _TABLES))
