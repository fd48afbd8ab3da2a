"""Gives a Slavic name in its cases: a letter is written "for Anna Petrova", and in Russian that is "Анны Петровой".

Rules of Russian, Ukrainian and Czech or Slovak school grammars, for the endings that most names have. A name that
follows none of them comes back with no further form.
"""

import re
from collections.abc import Sequence

_CYRILLIC = re.compile("[\u0400-\u04ff]")
_CZECH = re.compile("[ěřůčšžýťďňľĺŕ]|(?:sk|ck)ý$|ová$", re.IGNORECASE)
_POLISH = re.compile("(?:[sc]|dz)k[ia]$", re.IGNORECASE)
# Each row: an ending, and what stands in its place in the other cases, in one order. The first that fits counts.
_Rules = Sequence[tuple[str, str]]
_RUSSIAN_FAMILY: _Rules = (
    ("ская", "ской ской скую скою"), ("цкая", "цкой цкой цкую цкою"), ("ская", "ской ской скую ской"),
    ("ский", "ского скому ским ском"), ("цкий", "цкого цкому цким цком"), ("ской", "ского скому ским ском"),
    ("ый", "ого ому ым ом"), ("ой", "ого ому ым ом"), ("ий", "его ему им ем"), ("ая", "ой ой ую ою"),
    *((f"{end}а", f"{end}ой {end}ой {end}у {end}ой") for end in ("ов", "ев", "ёв", "ин", "ын")),
    *((end, f"{end}а {end}у {end}ым {end}е") for end in ("ов", "ев", "ёв", "ин", "ын")),
    ("ец", "ца цу цом це"), ("ых", ""), ("их", ""), ("ко", ""), ("о", ""), ("е", ""), ("и", ""), ("у", ""), ("ю", ""),
    ("га", "ги ге гу гой"), ("ка", "ки ке ку кой"), ("ха", "хи хе ху хой"), ("а", "ы е у ой"), ("я", "и е ю ей"),
    ("ь", "я ю ем е"), ("й", "я ю ем е"), ("", "а у ом е"),
)  # fmt: skip
_RUSSIAN_GIVEN: _Rules = (
    ("ия", "ии ии ию ией"), ("га", "ги ге гу гой"), ("ка", "ки ке ку кой"), ("ха", "хи хе ху хой"),
    ("ша", "ши ше шу шей"), ("жа", "жи же жу жей"), ("а", "ы е у ой"), ("я", "и е ю ей"), ("ий", "ия ию ием ии"),
    ("й", "я ю ем е"), ("авел", "авла авлу авлом авле"), ("ёв", "ьва ьву ьвом ьве"), ("бовь", "бови бови бовь бовью"),
    ("ь", "я ю ем е"), ("о", ""), ("е", ""), ("и", ""), ("", "а у ом е"),
)  # fmt: skip
_CZECH_FAMILY: _Rules = (
    ("ová", "ové ovou"), ("ský", "ského skému ským"), ("cký", "ckého ckému ckým"), ("ská", "ské skou"),
    ("ý", "ého ému ým"), ("á", "é ou"), ("ek", "ka kovi kem"), ("ec", "ce ci cem"), ("a", "y ovi ou"),
    ("í", "ího ímu ím"), ("o", "a ovi em"), ("", "a ovi em"),
)  # fmt: skip
_CZECH_GIVEN: _Rules = (
    ("děk", "ďka ďkovi ďkem"), ("něk", "ňka ňkovi ňkem"), ("těk", "ťka ťkovi ťkem"), ("ek", "ka kovi kem"),
    ("ie", "ie ii ií"), ("el", "la lovi lem"), ("a", "y ě u ou"), ("š", "še ši šem"), ("ř", "ře ři řem"),
    ("j", "je ji jem"), ("í", "ího ímu ím"), ("", "a ovi em"),
)  # fmt: skip
_POLISH_FAMILY: _Rules = (
    ("ski", "skiego skiemu skim"), ("cki", "ckiego ckiemu ckim"), ("dzki", "dzkiego dzkiemu dzkim"),
    ("ska", "skiej skiej ską"), ("cka", "ckiej ckiej cką"), ("dzka", "dzkiej dzkiej dzką"),
)  # fmt: skip
_POLISH_GIVEN: _Rules = (
    ("ek", "ka kowi kiem"), ("eł", "ła łowi łem"), ("ia", "ii ii ią"), ("ja", "ji ji ją"), ("ka", "ki ce ką"),
    ("a", "y ie ą"), ("", "a owi em"),
)  # fmt: skip


def declined(name: str) -> set[str]:
    """Return a name of two words and more in the other cases, each word in the same one. Hyphens part words too."""
    words = re.split(r"(\s+|-)", name.strip())
    if len(words) < 3:
        return set()
    if _CYRILLIC.search(name):
        given, family = _RUSSIAN_GIVEN, _RUSSIAN_FAMILY
    elif _CZECH.search(name):
        given, family = _CZECH_GIVEN, _CZECH_FAMILY
    elif _POLISH.search(words[-1]):
        given, family = _POLISH_GIVEN, _POLISH_FAMILY
    else:
        return set()
    forms = [
        [word] if at % 2 else _forms(word, family if _is_last(words, at) else given) for at, word in enumerate(words)
    ]
    most = max(map(len, forms))
    return {"".join(each[min(at, len(each) - 1)] for each in forms) for at in range(most)} - {name.strip()}


def _is_last(words: Sequence[str], at: int) -> bool:
    """Return whether the word belongs to the family name: the last one, and what a hyphen joins to it."""
    return at == len(words) - 1 or (at == len(words) - 3 and words[-2] == "-")


def _forms(word: str, rules: _Rules) -> list[str]:
    for end, others in rules:
        if word.endswith(end) and len(word) > len(end):
            return [word[: len(word) - len(end)] + other for other in others.split()] or [word]
    return [word]
