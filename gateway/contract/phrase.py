"""Words however they are spelled: text in, what may be compared out. Pure, and light enough for the contract's door."""

import re
import unicodedata

_POSSESSIVE = re.compile(r"['’ʼ＇]s\W*$", re.IGNORECASE)


def phrase_words(text: str) -> tuple[str, ...]:
    """The words of a text, folded; what has neither a letter nor a digit is no word."""
    return tuple(word for word in map(folded, text.split()) if word)


def folded(word: str) -> str:
    """Letters and digits of any script, without accents and case: `Élodie,` and `elodie` are one."""
    kept = "".join(each for each in unicodedata.normalize("NFKD", word) if _counts(each)).casefold()
    return kept if any(each.isalnum() for each in kept) else ""


def without_possessive(word: str) -> str:
    """`Alexa's,` -> `Alexa`; any other word as it is."""
    return _POSSESSIVE.sub("", word)


def _counts(letter: str) -> bool:
    """Vowel signs of Indic scripts are marks of class 0 and tell words apart; accents have a class of their own."""
    sign = unicodedata.category(letter) in ("Mn", "Mc") and not unicodedata.combining(letter)
    return letter.isalnum() or sign
