"""Which words a language has, in all their forms.

Source: the dictionaries that the library simplemma ships (from Wiktionary and other public word lists). They write most
names with a capital letter; those are left out. A locale lists the others under `names.people`.
"""

import functools
import unicodedata

from gateway.redact.language.locale import Locale


def has_word(low: str, locale: Locale) -> bool:
    """Whether the language has a folded word. A verb with pronouns behind it counts: "recuerdame"."""
    forms = _forms(locale.language)
    if low in forms:
        return True
    tails = (tail for tail in locale.ordinary.clitics if low.endswith(tail))
    return any(low.removesuffix(tail) in forms for tail in tails)


@functools.cache
def _forms(language: str) -> frozenset[str]:
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    forms = DefaultDictionaryFactory().get_dictionary(language)
    return frozenset(_folded(form) for form, lemma in forms.items() if form.islower() and lemma.islower())


def _folded(form: str) -> str:
    """As `words.folded`, but for possessives: a dictionary has none. Most forms are ASCII, which is fast."""
    if form.isascii():
        return form.casefold()
    return "".join(ch for ch in unicodedata.normalize("NFKD", form.casefold()) if not unicodedata.combining(ch))
