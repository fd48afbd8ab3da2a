"""Turns needles into the keys that are searched for: as they are, backwards, rotated, run together."""

import codecs
from collections.abc import Iterable, Mapping

from scenarios.leaks.needles.needle import Needle

_TURNED = 8  # letters and digits from which a key is also looked for backwards and rotated: "leon" is "noel"
_RUN_TOGETHER = 10  # letters from which a name is also looked for without spaces

Keys = Mapping[str, list[tuple[Needle, str]]]  # key -> needles and what the form is called ("" for the plain one)


def in_words(needles: Iterable[Needle]) -> Keys:
    """Return the keys of whole words, with a space at either end. Longer names stand also as one word
    ("rosalindquint").
    """
    forms = []
    for needle in needles:
        if needle.family == "words":
            if needle.possible:
                forms.append((f" {needle.key} ", needle, "initials (possible)"))
                continue
            forms += [(f" {form} ", needle, how) for form, how in _turned(needle.key)]
            together = needle.key.replace(" ", "")
            if needle.field.endswith(".name") and len(together) >= _RUN_TOGETHER:
                forms.append((f" {together} ", needle, "run together"))
    return _grouped(forms)


def in_compact(needles: Iterable[Needle]) -> Keys:
    """Return the keys of ids, which are found anywhere once separators are removed."""
    return _grouped((form, n, how) for n in needles if n.family == "id" for form, how in _turned(n.key))


def in_digits(needles: Iterable[Needle]) -> Keys:
    forms = []
    for needle in needles:
        if needle.family == "digits":
            forms.append((needle.key, needle, ""))
            if len(needle.key) > _TURNED and needle.key != needle.key[::-1]:
                forms.append((needle.key[::-1], needle, "reversed"))
    return _grouped(forms)


def _turned(key: str) -> list[tuple[str, str]]:
    forms = {key: ""}
    if len(key.replace(" ", "")) >= _TURNED:
        forms.setdefault(key[::-1], "reversed")
        forms.setdefault(codecs.encode(key, "rot13"), "rot13")
    return list(forms.items())


def _grouped(forms: Iterable[tuple[str, Needle, str]]) -> Keys:
    grouped: dict[str, list[tuple[Needle, str]]] = {}
    for key, needle, how in forms:
        grouped.setdefault(key, []).append((needle, how))
    return grouped
