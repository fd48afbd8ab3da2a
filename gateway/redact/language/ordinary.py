"""Tells ordinary words of a language from names: "hungry" may stand behind "i'm" and say how somebody is.

English asks a lexicon (lemminflect: words and their parts of speech, hardly a name among them). Other languages have
lists and endings in their locale.
"""

import functools

from gateway.redact.language.locale import Locale, load_locale

_LEXICON = "en"  # the language of lemminflect
_DESCRIBING = frozenset({"ADJ", "ADV"})
_ENDING_LETTERS = 2  # at least this many before an ending, so that "ida" is none with the ending "ida"


def describes(low: str, locale: Locale) -> bool:
    """Whether a word can say how or what somebody is without an article: "hungry", "leaving", "lost", "médico"."""
    return _describes(low, locale.language)


def is_ordinary(low: str, locale: Locale) -> bool:
    """Whether the language has this word, as far as is known: a name is usually none of its words."""
    if low in locale.ordinary.modern:
        return True
    return _describes(low, locale.language) or (locale.language == _LEXICON and bool(_parts_of_speech(low)))


def is_thing(low: str, locale: Locale) -> bool:
    """Whether a word names things and nothing else: "hyacinth". Such a word may be a name, too."""
    return locale.language == _LEXICON and _parts_of_speech(low) == {"NOUN"} and not low.endswith("s")


def is_action(low: str, locale: Locale) -> bool:
    """Whether a word can say what somebody does: "mark", "drew"."""
    return locale.language == _LEXICON and "VERB" in _parts_of_speech(low)


def is_told(low: str, locale: Locale, before: str) -> bool:
    """Whether a word is what somebody does: "wants", "asked", and "handles" `before` "the". A family name rarely is."""
    if locale.language != _LEXICON or not _is_verb_form(low):
        return False
    return before in locale.functions.determiners or "NOUN" not in _parts_of_speech(low)


@functools.lru_cache(maxsize=4096)
def _is_verb_form(low: str) -> bool:
    from lemminflect import getAllLemmas, getInflection

    verbs = getAllLemmas(low, upos="VERB").get("VERB", ())
    return any(low in getInflection(verb, tag=tag) for verb in verbs for tag in ("VBZ", "VBD") if verb != low)


@functools.lru_cache(maxsize=4096)
def _describes(low: str, language: str) -> bool:
    locale = load_locale(language)
    o = locale.ordinary
    if low in locale.function_words | o.states:
        return True
    if any(low.endswith(ending) and len(low) >= len(ending) + _ENDING_LETTERS for ending in o.endings):
        return True
    return language == _LEXICON and bool(_parts_of_speech(low) & _DESCRIBING or _is_participle(low))


@functools.lru_cache(maxsize=4096)
def _parts_of_speech(low: str) -> frozenset[str]:
    from lemminflect import getAllLemmas

    return frozenset(getAllLemmas(low))


def _is_participle(low: str) -> bool:
    """ "leaving", "lost": forms of a verb that say what somebody does or went through; "mark" is none."""
    from lemminflect import getAllLemmas, getInflection

    verbs = getAllLemmas(low, upos="VERB").get("VERB", ())
    return any(low in getInflection(verb, tag=tag) for verb in verbs for tag in ("VBG", "VBN") if verb != low)
