"""Text -> numbers and names as people say them: number words, "double five", spelled letters, the NATO alphabet."""

from collections.abc import Iterator

from scenarios.leaks.needles.literals import words_of

_DIGITS = {word: str(at) for at, word in enumerate("zero one two three four five six seven eight nine".split())}
_DIGITS |= {"oh": "0", "nought": "0", "niner": "9", "tree": "3", "fife": "5"}
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TEEN = {word: str(10 + at) for at, word in enumerate(_TEENS)}
_TENS = {w: str(2 + at) for at, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())}
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_NATO = {
    word: word[0]
    for word in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar "
        "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
    ).split()
}
_FEWEST = 4  # symbols in a row before they are a number or a name
_BETWEEN = {"and", "dash", "hyphen", "space", "dot", "as", "in", "for"}


def said(text: str) -> Iterator[tuple[str, bytes]]:
    """One layer with every spoken run, its symbols apart and together; ("spoken", bytes)."""
    lines = [sep.join(run) for run in _runs(words_of(text).split()) for sep in (" ", "")]
    if lines:
        yield "spoken", "\n".join(lines).encode()


def _runs(words: list[str]) -> Iterator[list[str]]:
    """Runs with at least one symbol that was said as a word or letter: written digits are read elsewhere."""
    run: list[str] = []
    heard, at = 0, 0
    while at < len(words):
        symbols, used = _symbols(words, at)
        if symbols:
            heard += not words[at].isdigit()
            run += symbols
        elif words[at] not in _BETWEEN or not run:
            if len(run) >= _FEWEST and heard >= 2:
                yield run
            run, heard = [], 0
        at += used
    if len(run) >= _FEWEST and heard >= 2:
        yield run


def _symbols(words: list[str], at: int) -> tuple[list[str], int]:
    """What the words from `at` stand for, and how many of them were used."""
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
