"""Splits a person's name into the words it is recognised by: given names, family name, what may stand between, other
alphabets.

Titles and generation suffixes are no names. A particle ("van der", "de", "O'") belongs to the family name. It may be
left out, glued to the family name, or put behind the given name.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

import msgspec
from anyascii import anyascii

from gateway.identities import Contact, Member
from scenarios.leaks.needles.declensions import declined
from scenarios.leaks.needles.literals import words_of

PARTICLES = frozenset(
    "van von vom zu zur der den de del della dei di da do das dos du des d la le les lo los las el al bin ibn ben "
    "abu st saint san ter ten te af av y e mac mc o ap fitz".split()
)
CONNECTORS = frozenset("and und et y e i jr sr ii iii iv dr mr mrs ms prof".split())
_GLUED = frozenset("o d l mac mc van von der de di da la le st fitz".split())  # "oflannery", "vandermeer"
# Written without spaces between words: names in them are looked for anywhere in a text.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]"
)
_HANGUL = re.compile("[\uac00-\ud7a3]")
_CHINESE = re.compile("[\u3400-\u9fff]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_UMLAUTS = (
    str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "ð": "dh", "ß": "ss"}),
    str.maketrans({"ö": "o", "ä": "a", "ü": "u", "ß": "s", "å": "a"}),
)
# Cyrillic: BGN/PCGN, passports (ICAO 9303), German, scholarly (ISO 9 without its marks).
_SCHEMES = tuple(
    dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ", scheme.split(","), strict=True))
    for scheme in (
        "a,b,v,g,d,e,yo,zh,z,i,y,k,l,m,n,o,p,r,s,t,u,f,kh,ts,ch,sh,shch,,y,,e,yu,ya,i,yi,ye,g",
        "a,b,v,g,d,e,e,zh,z,i,i,k,l,m,n,o,p,r,s,t,u,f,kh,ts,ch,sh,shch,ie,y,,e,iu,ia,i,i,ie,g",
        "a,b,w,g,d,e,jo,sch,s,i,j,k,l,m,n,o,p,r,s,t,u,f,ch,z,tsch,sch,schtsch,,y,,e,ju,ja,i,ji,je,g",
        "a,b,v,g,d,e,e,z,z,i,j,k,l,m,n,o,p,r,s,t,u,f,h,c,c,s,sc,,y,,e,ju,ja,i,i,je,g",
    )
)
_IA, _IY = re.compile(r"i[iyj]a\b"), re.compile(r"(?:iy|ij|yy|ii|yi)\b")
# Korean family names as their bearers write them, not as the rules would.
_KOREAN = {
    "김": "kim", "이": "lee", "박": "park", "최": "choi", "정": "jung", "강": "kang", "조": "cho", "윤": "yoon",
    "장": "jang", "임": "lim", "한": "han", "오": "oh", "서": "seo", "신": "shin", "권": "kwon", "황": "hwang",
    "안": "ahn", "송": "song", "전": "jeon", "홍": "hong", "유": "yoo", "고": "ko", "문": "moon", "양": "yang",
    "손": "son", "배": "bae", "백": "baek", "허": "heo", "노": "roh", "남": "nam", "심": "shim", "하": "ha",
}  # fmt: skip


# Chinese family names of two signs.
_COMPOUND = frozenset(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 司徒 令狐 宇文 长孙 長孫 夏侯".split()
)


class PersonName(msgspec.Struct, frozen=True, kw_only=True):
    """A name in words of the words view.

    `cores` are the spellings of the family name's own word. `own` are the other words of the name, and those of the
    home's other people, that may stand between a given name and a core. `whole` is the name in order, as written.
    """

    givens: frozenset[str]
    cores: frozenset[str]
    own: frozenset[str]
    whole: tuple[str, ...]


def is_unspaced(name: str) -> bool:
    return not name.isascii() and bool(_UNSPACED.search(name))


def full_name(name: str | None, given: str | None, family: str | None) -> str | None:
    """Return the name, or given name and family name joined."""
    return name or (f"{given} {family}" if given and family else None)


def parts_of(person: Member | Contact) -> tuple[str | None, str | None]:
    """Return the given name and the family name. Contacts have none."""
    return (person.given_name, person.family_name) if isinstance(person, Member) else (None, None)


def person_name(name: str, given: str | None = None, family: str | None = None) -> PersonName | None:
    """Return the parts of a name, or None if it has no two words, in its own alphabet or in Latin letters."""
    givens: set[str] = set()
    cores: set[str] = set()
    own: set[str] = set()
    for spelling in _spellings(name, given, family):
        words = _named(words_of(spelling))
        first, last = _cut(words, words_of(given or ""), words_of(family or ""))
        if not first or not last:
            continue
        tail = [word for word in last if word not in PARTICLES] or last[-1:]
        own |= {*words, "".join(first)}
        givens |= {first[0], "".join(first)} | {word for word in first[1:] if len(word) > 2}
        cores |= {tail[-1], *_glued(last), *(word for word in tail[:-1] if len(word) > 3)}
    if not givens or not cores:
        return None
    cores |= {plural for core in cores for plural in _plurals(core)}
    return PersonName(
        givens=frozenset(givens), cores=frozenset(cores), own=frozenset(own), whole=tuple(words_of(name).split())
    )


def unspaced_keys(name: str, given: str | None = None, family: str | None = None) -> list[str]:
    """Return the keys of a name in a script without spaces, with the family name first and last."""
    words = words_of(name).split()
    orders = {"".join(words), "".join(reversed(words))}
    if given and family:
        one, other = words_of(given).replace(" ", ""), words_of(family).replace(" ", "")
        orders |= {one + other, other + one}
    return sorted(orders)


def romanised(name: str) -> set[str]:
    """Return the usual spellings of a name in Latin letters. A Latin name gives nothing."""
    if _CYRILLIC.search(name):
        folded = name.casefold()
        plain = {"".join(scheme.get(char, char) for char in folded) for scheme in _SCHEMES}
        # BGN/PCGN as maps have it: an apostrophe for the soft sign, "ye" at the beginning.
        official = re.sub(r"\b\u0435", "\u0439\u0435", folded).replace("\u044c", "'")
        plain.add("".join(_SCHEMES[0].get(char, char) for char in official))
        # Most people leave the two dots out, and a vowel behind a soft sign sounds like one at the beginning.
        undotted = re.sub("\u044c(?=\u0435)", "\u0439", folded.replace("\u0451", "\u0435"))
        plain |= {"".join(scheme.get(char, char) for char in undotted) for scheme in _SCHEMES}
        # "Maria", "Dmitry" and "Dmitri" for what the schemes write as "Mariya" and "Dmitriy".
        usual = {_IA.sub("ia", spelling) for spelling in plain}
        return plain | usual | {_IY.sub(end, spelling) for spelling in plain for end in ("y", "i")}
    if _HANGUL.search(name):
        syllables = [syllable for syllable in name if _HANGUL.match(syllable)]
        if len(syllables) < 2:
            return set()
        rest = "".join(anyascii(syllable) for syllable in syllables[1:])
        families = {_KOREAN.get(syllables[0], ""), anyascii(syllables[0])} - {""}
        return {f"{rest} {family}".lower() for family in families}
    if _CHINESE.search(name) and not re.search("[\u3040-\u30ff]", name):
        syllables = _pinyin(name)
        if len(syllables) > 1 and all(each.isascii() for each in syllables):
            size = 2 if len(syllables) > 2 and name.replace(" ", "")[:2] in _COMPOUND else 1
            return {f"{''.join(syllables[size:])} {''.join(syllables[:size])}"}
        return set()
    if any(char.isalpha() for char in name) and not any(char.isascii() and char.isalpha() for char in name):
        return {anyascii(name).lower()}
    return set()


def romanised_phrases(name: str) -> set[str]:
    """Return a Chinese or Korean name in Latin letters with its syllables apart: "xiao ming wang", "kim min su"."""
    if _HANGUL.search(name):
        signs = [sign for sign in name if _HANGUL.match(sign)]
        families = {_KOREAN.get(signs[0], ""), anyascii(signs[0]).lower()} - {""}
        rest = [anyascii(sign).lower() for sign in signs[1:]]
    elif _CHINESE.search(name) and not re.search("[\u3040-\u30ff]", name):
        first, *rest = _pinyin(name) or [""]
        families = {first}
    else:
        return set()
    if len(rest) < 2 or not all(part.isascii() and part.isalpha() for part in (*rest, *families)):
        return set()
    return {phrase for family in families for phrase in (f"{' '.join(rest)} {family}", f"{family} {' '.join(rest)}")}


def transliterated(text: str) -> set[str]:
    """Return a text as people type it without its special letters: "mueller" for "Müller". Folding gives "muller"."""
    if text.isascii():
        return set()
    folded = text.casefold()
    return {folded.translate(table) for table in _UMLAUTS} - {folded}


def broken(text: str) -> set[str]:
    """Return what is left of a mostly plain text after a program that knows no special letters: a question mark or
    a replacement sign for each, which are gaps in the words view, or nothing.
    """
    if text.isascii():
        return set()
    composed = unicodedata.normalize("NFC", text)
    plain = sum(char.isascii() and char.isalpha() for char in composed)
    lost = sum(not char.isascii() for char in composed)
    if not lost or lost * 3 > plain:
        return set()
    return {"".join(char if char.isascii() else gap for char in composed) for gap in ("?", "")}


def _spellings(name: str, given: str | None, family: str | None) -> set[str]:
    if name.isascii():
        return {name}
    if is_unspaced(name):
        # Which syllables are the given name is not asked: the family name comes first.
        parts = f"{family}{given}" if given and family else name.replace(" ", "")
        return romanised(parts)
    return {name, *transliterated(name), *romanised(name), *declined(name)}


def _named(key: str) -> list[str]:
    words = key.split()
    while len(words) > 2 and words[-1] in CONNECTORS - PARTICLES:
        words = words[:-1]
    while len(words) > 2 and words[0] in CONNECTORS - PARTICLES:
        words = words[1:]
    return words


def _cut(words: Sequence[str], given: str, family: str) -> tuple[list[str], list[str]]:
    """Return the given names with what follows them, and the family name with its particles."""
    count = len(family.split())
    if count and given and len(words) > count and " ".join(words[-count:]) == family:
        return list(words[:-count]), list(words[-count:])
    if len(words) < 2:
        return [], []
    at = next((at for at in range(1, len(words) - 1) if words[at] in PARTICLES), len(words) - 1)
    return list(words[:at]), list(words[at:])


def _glued(last: Sequence[str]) -> Iterable[str]:
    """Return the family name with its particles and parts run together."""
    if len(last) < 2:
        return
    yield "".join(last)
    if last[-2] in _GLUED:
        yield last[-2] + last[-1]


def _plurals(core: str) -> Iterable[str]:
    if len(core) > 2 and core.isascii() and core.isalpha():
        yield f"{core}s"
        if core.endswith(("s", "x", "z", "ch", "sh")):
            yield f"{core}es"


def _pinyin(name: str) -> list[str]:
    from pypinyin import lazy_pinyin  # its dictionary takes longer to read than all of this package

    return lazy_pinyin(name.replace(" ", ""))
