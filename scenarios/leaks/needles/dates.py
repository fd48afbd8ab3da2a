"""Birth dates -> needles in the orders, languages and calendars people write them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from scenarios.leaks.needles.literals import words_of
from scenarios.leaks.needles.needle import Family, Needle

_FIELD = "members.birth_date"
_NAMES: Sequence[str] = (
    "january jan januar janvier enero ene gennaio gen janeiro januari января stycznia ocak",
    "february feb februar fevrier fev febrero febbraio fevereiro februari февраля lutego şubat",
    "march mar märz maerz mars marzo março maart mrt марта marca mart",
    "april apr avril avr abril abr aprile апреля kwietnia nisan",
    "may mai mayo maggio mag maio mei мая maja mayıs",
    "june jun juni juin junio giugno giu junho июня czerwca haziran",
    "july jul juli juillet juil julio luglio lug julho июля lipca temmuz",
    "august aug août agosto ago augustus августа sierpnia ağustos",
    "september sep sept septembre septiembre settembre set setembro сентября września eylül",
    "october oct oktober okt octobre octubre ottobre ott outubro out октября października ekim",
    "november nov novembre noviembre novembro ноября listopada kasım",
    "december dec dezember dez décembre diciembre dic dicembre dezembro декабря grudnia aralık",
)
_MONTHS = [sorted({words_of(name) for name in row.split()}) for row in _NAMES]
MONTHS: Mapping[str, int] = {name: at + 1 for at, row in enumerate(_MONTHS) for name in row}
_SAID = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_SAID += [f"twenty {said}" for said in _SAID[:9]] + ["thirtieth", "thirty first"]
ORDINALS: Mapping[str, int] = {said: at + 1 for at, said in enumerate(_SAID)}
_ENDINGS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
# The first year of each era of Japan's calendar, its sign and its letter.
_ERAS = ((2019, "令和", "r"), (1989, "平成", "h"), (1926, "昭和", "s"), (1912, "大正", "t"))


def date_needles(day: date, field: str, owner: str, person_id: str) -> Sequence[Needle]:
    """A birth date; thousands share one, so it is low by itself."""
    keys: list[tuple[Family, str]] = [("words", key) for key in sorted({*_numerals(day), *_named(day)})]
    keys += [("id", key) for key in sorted(_asian(day))]
    return [date_needle(day, owner, person_id, key=key, family=family, field=field) for family, key in keys]


def date_needle(
    day: date, owner: str, person_id: str, *, key: str = "", family: Family = "words", field: str = _FIELD
) -> Needle:
    return Needle(family=family, key=key, value=day.isoformat(), field=field, household_id=owner, person_id=person_id)


def _numerals(day: date) -> Iterator[str]:
    """In any order of year, month and day; and as the beginning of a point in time (ISO 8601)."""
    year, compact = str(day.year), day.strftime("%Y%m%d") if day.year > 999 else ""
    yield from (compact, f"{compact}000000", f"{compact}t000000", f"{compact}t000000z")
    yield from (f"{day.year} {day.month:02d} {day.day:02d}t{hour:02d}" for hour in range(24))
    for shown in {str(day.day), f"{day.day:02d}"}:
        for numeral in {str(day.month), f"{day.month:02d}"}:
            yield from (f"{year} {numeral} {shown}", f"{shown} {numeral} {year}", f"{numeral} {shown} {year}")


def _named(day: date) -> Iterator[str]:
    """With the month's name; an ordinal is written or, as a transcript has it, said."""
    year, number = str(day.year), str(day.day)
    ordinals = (f"{number}{_ENDINGS.get(day.day, 'th')}", _SAID[day.day - 1])
    for name in _MONTHS[day.month - 1]:
        for shown in {number, number.zfill(2)}:
            yield from (f"{shown} {name} {year}", f"{name} {shown} {year}", f"{shown} de {name} de {year}")
        for ordinal in ordinals:
            yield from (f"{ordinal} {name} {year}", f"{name} {ordinal} {year}", f"{ordinal} of {name} {year}")
            yield f"{name} the {ordinal} {year}"


def _asian(day: date) -> Iterator[str]:
    """Year, month and day behind the number, as in Chinese, Japanese and Korean; years of eras as well."""
    years = [str(day.year)]
    for first, sign, _ in _ERAS:
        if day.year >= first:
            years.append(f"{sign}{day.year - first + 1}")
            break
    for year in years:
        for month, number in ((str(day.month), str(day.day)), (f"{day.month:02d}", f"{day.day:02d}")):
            yield words_of(f"{year}年{month}月{number}日")
            yield words_of(f"{year}년{month}월{number}일")
