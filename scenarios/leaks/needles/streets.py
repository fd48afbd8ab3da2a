"""Turns a street as written into its forms: number in front or behind, words long and short, with and without the flat.

The house number is found wherever it stands ("12 bis rue ...", "Lindenstraße 12", "Rua Sao Joao, 123, apto 45", "Flat
4B, 12 MG Road"). A street without a number is no address. `unspaced_streets` reads streets in scripts without spaces.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence

from scenarios.leaks.needles.literals import words_of
from scenarios.leaks.needles.names import broken, transliterated

# Each row: one word, its usual spellings.
_SAME: Sequence[str] = (
    "alley aly", "avenue ave av", "boulevard blvd bd bvd", "center ctr centre", "circle cir", "close cl",
    "court ct", "crescent cres", "drive dr", "gardens gdns", "grove gr", "heights hts", "highway hwy", "junction jct",
    "lane ln", "mount mt", "parkway pkwy", "place pl", "plaza plz", "point pt", "road rd", "saint st",
    "square sq", "street st", "terrace ter terr", "trail trl", "way wy",
    "north n", "south s", "east e", "west w", "northeast ne", "northwest nw", "southeast se", "southwest sw",
    "strasse str", "platz pl", "allee al", "chaussee ch", "faubourg fbg fg", "impasse imp",
    "rua r", "avenida av avda avd", "travessa tv", "praca pc pca", "calle c cl", "plaza pza", "paseo pso", "carrer c",
    "via v", "viale vle", "piazza pza", "corso cso", "ulica ul", "aleja al", "plac pl",
    "ulitsa ul", "prospekt pr", "gatan g", "gata g", "straat str", "rue r", "chemin ch", "route rte",
    "улица ул", "проспект пр просп", "переулок пер", "шоссе ш", "площадь пл", "бульвар бул", "набережная наб",
    "caddesi cad cd", "sokak sk sok", "sokagi sk sok", "bulvari blv bul", "mahallesi mah",
    "first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th", "eighth 8th",
    "ninth 9th", "tenth 10th", "eleventh 11th", "twelfth 12th",
)  # fmt: skip
_ROWS = [words_of(row).split() for row in _SAME]
_NAMES = {word: sorted({name for row in _ROWS if word in row for name in row}) for row in _ROWS for word in row}
_SHORT = {row[0]: row[1] for row in reversed(_ROWS)}
_LONG = {word: row[0] for row in reversed(_ROWS) for word in row[1:]}
_TYPES = frozenset(word for row in _ROWS for word in row)
_PARTICLES = frozenset("de del della du des da do dos la las los l el le les".split())
# What people write before a number that stands behind its street.
_BEFORE_NUMBER = words_of("no nr n num numero number dom д дом").split()
_BEFORE_BEHIND = ("no", "nr")  # also where the street is known with its number first
_GLUED = ("strasse", "str")
_UNITS = frozenset(
    "apt apartment ste suite unit flat floor fl rm room no nr apto apartamento piso planta etage wohnung whg bloco "
    "bl bldg building lgh appt appartement".split()
)
_SUFFIXES = frozenset("bis ter quater a b c d e f g h".split())
_NUMBER = re.compile(r"[0-9]{1,5}[a-z]?")
_UNIT_NUMBER = re.compile(r"[0-9]{1,5}[a-z]?|[a-z][0-9]{0,4}")
_INITIALS = re.compile(r"(?<![A-Za-z0-9])(?!N[EW]|S[EW])[A-Z]{2,3}(?= [A-Z])")  # "MG Road" is also "M.G. Road"
_HASH_UNIT = re.compile(r"#\s?[0-9A-Za-z]{1,5}")
_JOINED = re.compile(r"([0-9]+)([a-z])")
_LEAST_WORD = 2
_GLUED_WORD = 8  # letters of a street that its number may be glued to
# So many places have such a street that a short number and its name tell little.
_COMMON = frozenset(
    "main oak elm park pine maple cedar view washington lake hill high station church london victoria green manor "
    "king kings queen queens mg mill spring north south east west market school river ridge first second third fourth "
    "fifth sixth seventh eighth ninth tenth hauptstrasse bahnhofstrasse dorfstrasse schulstrasse gartenstrasse "
    "lindenstrasse bergstrasse eglise gare mairie roma garibaldi mayor real nueva centre center front broad "
    "walnut chestnut jefferson lincoln jackson madison franklin broadway".split()
)
_LONG_NUMBER = 4

_ADMINISTRATIVE = re.compile("^.*[都道府県市区町村省郡]|^.*?(?:시|도|구|동) ")
_BLOCKS = re.compile("(?:丁目|番地|番|号室|号|號|호|번지)")
_SIGNS = "〇一二三四五六七八九"
_NUMERALS = str.maketrans({kanji: str(at) for at, kanji in enumerate(_SIGNS)})
_FIGURES = re.compile("[0-9]{1,4}")


class Street:
    """A street. `number` and `words` are in the words view; both are empty if no number was found."""

    def __init__(self, street: str) -> None:
        self.number: tuple[str, ...] = ()
        self.words: tuple[str, ...] = ()
        self.whole = words_of(street)
        for segment in _segments(street):
            number, words = _numbered(segment)
            if number and words:
                self.number, self.words = number, words
                break

    @property
    def is_common(self) -> bool:
        """Whether it is a short number in a street that most towns have."""
        named = [word for word in self.words if word not in _TYPES]
        short = len(self.number) > 0 and len(re.sub("[^0-9]", "", self.number[0])) < _LONG_NUMBER
        return short and all(word in _COMMON or len(word) < 3 for word in named)


def street_keys(street: str) -> dict[str, bool]:
    """Return keys of the words view. True marks the keys without the kind of street, which may mean something else."""
    found = Street(street)
    if not found.number:
        # A flat in a house that has a name instead of a number.
        return {found.whole: False} if _is_named_house(found.whole.split()) else {}
    keys: dict[str, bool] = {}
    for spelling in (street, *transliterated(street), *broken(street)):
        parsed = Street(spelling)
        keys[parsed.whole] = False
        initials = _INITIALS.sub(lambda found: " ".join(found[0]), spelling)
        if initials != spelling:
            apart = Street(initials)
            keys[f"{' '.join(apart.number)} {' '.join(apart.words)}"] = False
        for words in _renamed(parsed.words):
            for number in _numbers(parsed.number):
                keys |= {f"{number} {words}": False, f"{words} {number}": False}
                if not parsed.whole.startswith(parsed.number[0]):
                    keys |= {f"{words} {mark} {number}": False for mark in _BEFORE_NUMBER}
                    if " " not in words and len(words) >= _GLUED_WORD:
                        keys[words + number] = False
                else:
                    keys |= {f"{words} {mark} {number}": False for mark in _BEFORE_BEHIND}
    named = [word for word in found.words if word not in _TYPES]
    if named and len(named) < len(found.words) and sum(map(len, named)) >= 5 and not found.is_common:
        for number in _numbers(found.number):
            if len(re.sub("[^0-9]", "", number)) > 2:
                keys.setdefault(f"{number} {' '.join(named)}", True)
            if found.words[0] in _TYPES:
                keys.setdefault(f"{' '.join(named)} {number}", True)
    return keys


def shortened(key: str) -> str:
    """Return a key with the usual short form in place of every word that has one."""
    return " ".join(_SHORT.get(word, word) for word in key.split())


def _is_named_house(words: Sequence[str]) -> bool:
    return len(words) > 3 and words[0] in _UNITS and _UNIT_NUMBER.fullmatch(words[1]) is not None


def unspaced_streets(street: str) -> list[str]:
    """Return keys without spaces, with and without city and district, blocks by their words or by hyphens."""
    keys = []
    for form in (street, _ADMINISTRATIVE.sub("", street)):
        plain = _BLOCKS.sub("-", form.translate(_NUMERALS))
        written = _FIGURES.sub(lambda figures: _kanji(int(figures[0])), unicodedata.normalize("NFKC", form))
        keys += [
            words_of(each).replace(" ", "") for each in (form, plain, written, plain.strip("-").replace("-", "の"))
        ]
    return [key for key in dict.fromkeys(keys) if any(c.isnumeric() for c in key) and len(key) >= 5]


def _kanji(number: int) -> str:
    """Return a number below a hundred in Chinese numerals, as addresses have it; a longer one figure by figure."""
    if number > 99:
        return "".join(_SIGNS[int(figure)] for figure in str(number))
    tens, units = divmod(number, 10)
    return ("" if tens < 2 else _SIGNS[tens]) + ("十" if tens else "") + (_SIGNS[units] if units or not tens else "")


def _segments(street: str) -> Iterator[list[str]]:
    """Yield the parts between commas, and neighbouring parts joined. The number of a flat is no house number."""
    parts = [words_of(part).split() for part in re.split(r"[,;\n]", _HASH_UNIT.sub("", street))]
    yield from [part for part in parts if part]
    for one, other in itertools.pairwise(parts):
        yield one + other


def _numbered(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the house number and the street's words of one part of an address."""
    words = _without_unit(words)
    for last in (0, *range(len(words) - 1, 0, -1)):
        at = last
        if at < len(words) and _NUMBER.fullmatch(words[at]):
            end = at + 1
            at = _first_of_numbers(words, at)
            while end < len(words) and (words[end] in _SUFFIXES and at + 1 < len(words)):
                if at == 0 and end + 1 == len(words):
                    break
                end += 1
            rest = (*words[:at], *words[end:])
            if any(len(word) >= _LEAST_WORD and word.isalpha() for word in rest):
                return tuple(words[at:end]), rest
    return (), ()


def _first_of_numbers(words: Sequence[str], at: int) -> int:
    """Return where the house number begins: the numbers right before it belong to it ("8/12")."""
    while at > 1 and _NUMBER.fullmatch(words[at - 1]):
        at -= 1
    return at


def _without_unit(words: Sequence[str]) -> list[str]:
    """Remove what names a part of a house: "Apt 5", "floor 2", "4 B"."""
    kept: list[str] = []
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
        elif word in _UNITS and at + 1 < len(words) and _UNIT_NUMBER.fullmatch(words[at + 1]):
            skip = True
        else:
            kept.append(word)
    return kept


def _renamed(words: Sequence[str]) -> set[str]:
    """Return the words as written, all long, all short, and with the kind of street glued or apart."""
    forms = {" ".join(words)}
    for other in (_SHORT, _LONG):
        forms.add(" ".join(other.get(word, word) for word in words))
    # "Road" as "Rd" while "North" stays.
    for at in {0, len(words) - 1}:
        forms |= {" ".join((*words[:at], name, *words[at + 1 :])) for name in _NAMES.get(words[at], ())}
    if len(words) > 2 and words[0] in _NAMES and words[1] in _PARTICLES:
        short = [word for word in words[1:] if word not in _PARTICLES]
        forms |= {" ".join((name, *short)) for name in _NAMES[words[0]] if short}
    for form in list(forms):
        for end in _GLUED:
            if form.endswith(end) and len(form) > len(end) + 2:
                stem = form.removesuffix(end).rstrip()
                forms |= {f"{stem}{other}" for other in _GLUED} | {f"{stem} {other}" for other in _GLUED}
    return forms


def _numbers(number: Sequence[str]) -> set[str]:
    """Return the ways to write a house number: "17a" is also "17 a"."""
    text = " ".join(number)
    if text.startswith("0") and text.strip("0"):
        return _numbers((text.lstrip("0"),)) | {text}
    glued = text.replace(" ", "") if number[-1] in _SUFFIXES else text
    if number[-1] in ("bis", "ter", "quater"):  # "27 B"
        first = " ".join(number[:-1])
        return {text, glued, f"{first} {number[-1][0]}", f"{first}{number[-1][0]}"}
    return {text, _JOINED.sub(r"\1 \2", text), glued}
