"""Neighbours of the reported cases: the same kinds over other people, other values, other wordings, of ten locales.

`HOMES` are invented by Faker; each kind writes one of their values the way people, programs and recognisers do, with no
code of the search.
"""
# ruff: noqa: E501 (tables)

import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import phonenumbers
from faker import Faker

from gateway.identities import Contact, Device, Household, Identities, Member, Place, Secret

LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL", "pl_PL", "sv_SE")
OTHERS = ("ja_JP", "zh_CN", "ko_KR", "ru_RU")
COUNTRY = {locale: locale[-2:] for locale in (*LOCALES, *OTHERS)}
_PHONES = {
    "US": "+1541555{:04d}", "GB": "+44207946{:04d}", "DE": "+49302312{:04d}", "FR": "+3314711{:04d}", "ES": "+3491123{:04d}",
    "IT": "+39066982{:04d}", "BR": "+55119876{:05d}", "NL": "+3120624{:04d}", "PL": "+4822123{:04d}", "SE": "+4684650{:04d}",
}  # fmt: skip
ONES = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
FILLERS = ("um", "uh", "er", "hmm", "let me see", "you know")


def home(locale: str, seed: int) -> Household:
    fake = Faker(locale)
    fake.seed_instance(seed)
    rng = random.Random(f"{locale} {seed}")
    given, middle, family = fake.first_name(), fake.first_name(), fake.last_name()
    other = f"{fake.first_name()} {fake.first_name()} {fake.last_name()}"
    country = COUNTRY[locale]
    phones = [_PHONES[country].format(rng.randrange(10_000))] if country in _PHONES else []
    account = f"{rng.choice('bcdfghklm')}{rng.choice('aeiou')}{rng.choice('sv')}x_{rng.randrange(100, 999)}"
    return Household(
        household_id=f"{country}{seed}",
        customer_id=f"A{rng.randrange(10**6):06d}QX{rng.randrange(100):02d}",
        devices=(Device(site_id=f"dev-{country.lower()}{seed:05d}q", serial=f"G0{rng.randrange(10**8):08d}X"),),
        home=Place(
            street=fake.street_address().replace("\n", ", "), city=fake.city(), postal_code=fake.postcode(),
            country=country, latitude=_degrees(rng, 1, 70), longitude=_degrees(rng, 10, 179),
        ),
        members=(
            Member(
                person_id=f"{country}{seed}-1", name=f"{given} {middle} {family}", given_name=given, family_name=family,
                phones=tuple(phones), emails=(f"{account}@example.net",),
            ),
        ),
        contacts=(Contact(name=other),),
        secrets=(
            Secret(kind="card", value=f"4539{rng.randrange(10**12):012d}"),
            Secret(kind="ssn", value=f"9{rng.randrange(100):02d}-{rng.randrange(100):02d}-{rng.randrange(10**4):04d}"),
        ),
    )  # fmt: skip


def _degrees(rng: random.Random, least: int, most: int) -> float:
    return round(rng.choice((-1, 1)) * rng.uniform(least, most), 6)


def homes(count: int, seed: int = 1) -> Identities:
    made = [home(locale, 100 * seed + at) for locale in LOCALES for at in range(count)]
    return Identities(schema=1, households=tuple(made))


Kind = Callable[[Household, random.Random], str | None]


def _person(h: Household) -> tuple[str, str, str]:
    member = h.members[0]
    given, family = member.given_name or "", member.family_name or ""
    return given, (member.name or "")[len(given) + 1 : -len(family) - 1], family


def _national(h: Household) -> str | None:
    if not h.members[0].phones:
        return None
    number = phonenumbers.parse(h.members[0].phones[0])
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _fullwidth(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _arabic(text: str) -> str:
    return text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))


def _devanagari(text: str) -> str:
    return text.translate(str.maketrans("0123456789", "०१२३४५६७८९"))


def _umlauts(text: str) -> str:
    for letter, pair in zip("äöüÄÖÜß", ("ae", "oe", "ue", "Ae", "Oe", "Ue", "ss"), strict=True):
        text = text.replace(letter, pair)
    return text


def _ascii(text: str) -> str:
    plain = text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("æ", "ae")
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()


def digits_said(digits: str, rng: random.Random) -> list[str]:
    """Figure by figure, some as "double five" or "forty one"."""
    words, at = [], 0
    while at < len(digits):
        pair = digits[at : at + 2]
        if len(pair) == 2 and pair[0] == pair[1] and rng.random() < 0.4:
            words += ["double", ONES[int(pair[0])]]
            at += 2
        elif len(pair) == 2 and pair[0] in "23456789" and pair[1] != "0" and rng.random() < 0.25:
            words.append(f"{TENS[int(pair[0])]} {ONES[int(pair[1])]}")
            at += 2
        else:
            words.append("oh" if digits[at] == "0" and rng.random() < 0.5 else ONES[int(digits[at])])
            at += 1
    return words


def _spoken_phone(h: Household, rng: random.Random) -> str | None:
    national = _national(h)
    return national and "my number is " + " ".join(digits_said(re.sub(r"\D", "", national), rng)) + " thanks"


def _filled_phone(h: Household, rng: random.Random) -> str | None:
    national = _national(h)
    if not national:
        return None
    words = digits_said(re.sub(r"\D", "", national), rng)
    for _ in range(2):
        words.insert(rng.randrange(1, len(words)), f", {rng.choice(FILLERS)},")
    return " ".join(words)


def _corrected_phone(h: Household, rng: random.Random) -> str | None:
    national = _national(h)
    if not national:
        return None
    words = [ONES[int(c)] for c in re.sub(r"\D", "", national)]
    at = rng.randrange(2, len(words) - 1)
    wrong = rng.choice([word for word in ONES if word != words[at]])
    return " ".join([*words[:at], wrong, rng.choice(["no", "sorry", "I mean", "no wait"]), *words[at:]])


def _spoken_mail(h: Household, rng: random.Random) -> str:
    local, domain = h.members[0].emails[0].split("@")
    name, number = local.split("_")
    tens = f"{ONES[int(number[0])]} {TENS[int(number[1])] if number[1] > '1' else ONES[int(number[1])]}"
    said = f"{tens} {ONES[int(number[2])]}" if number[1:] != "10" and not number.endswith("0") else ""
    said = said or " ".join(ONES[int(c)] for c in number)
    said = " ".join(ONES[int(c)] for c in number) if number[1] == "1" else said
    return f"you can reach me at, it's {name} underscore {said} at {domain.replace('.', ' dot ')} okay"


def number_said(number: int) -> str:
    """As house numbers are said in English: 7828 is seventy eight twenty eight, 175 one seventy five."""
    text = str(number)
    if number < 10:
        return ONES[number]
    if number < 20:
        return TEENS[number - 10]
    if number < 100:
        return TENS[number // 10] + (f" {ONES[number % 10]}" if number % 10 else "")
    head, tail = int(text[:-2]), int(text[-2:])
    if tail == 0:
        return number_said(head) + " hundred"
    return number_said(head) + " " + (f"oh {ONES[tail]}" if tail < 10 else number_said(tail))


def _spoken_street(h: Household, rng: random.Random) -> str | None:
    match = re.fullmatch(r"(\d{2,4}) ([A-Za-z ]+?)(?: (?:Apt|Suite|Unit|Flat).*)?(?:,.*)?", h.home.street or "")
    return None if match is None else f"we have lived at {number_said(int(match[1]))} {match[2].lower()} for years"


def _streamed(text: str, rng: random.Random, shape: str) -> str:
    pieces, at = [], 0
    while at < len(text):
        size = rng.randrange(1, 6)
        pieces.append(text[at : at + size])
        at += size
    if shape == "openai":
        rows: list[dict[str, Any]] = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    elif shape == "anthropic":
        rows = [{"type": "content_block_delta", "delta": {"type": "text_delta", "text": piece}} for piece in pieces]
    else:
        return "".join(json.dumps({"model": "m", "response": piece}) + "\n" for piece in pieces)
    return "".join(f"data: {json.dumps(row)}\n\n" for row in rows) + "data: [DONE]\n\n"


def _word_objects(text: str, key: str) -> str:
    words = [{key: word, "start": at / 4, "confidence": 0.93} for at, word in enumerate(text.split())]
    return json.dumps({"transcript": "[masked]", "words": words})


def _side(number: float, sides: str) -> str:
    return sides[number < 0]


def _iso(h: Household, rng: random.Random) -> str:
    return f"location {h.home.latitude:+08.4f}{h.home.longitude:+09.4f}+12.5/"


def _sided(h: Household, rng: random.Random) -> str:
    lat, lon = h.home.latitude, h.home.longitude
    form = rng.choice(
        ["{0}{1:.5f} {2}{3:.5f}", "{0} {1:.5f}, {2} {3:.5f}", "{1:.5f}{0} {3:.5f}{2}", "{0}{1:.5f}{2}{3:.5f}"]
    )
    return form.format(_side(lat, "NS"), abs(lat), _side(lon, "EW"), abs(lon))


def _nmea(h: Household, rng: random.Random) -> str:
    lat, lon = abs(h.home.latitude), abs(h.home.longitude)
    north = f"{int(lat):02d}{lat % 1 * 60:07.4f},{_side(h.home.latitude, 'NS')}"
    east = f"{int(lon):03d}{lon % 1 * 60:07.4f},{_side(h.home.longitude, 'EW')}"
    return f"$GPRMC,123519,A,{north},{east},022.4,084.4,230394,003.1,W*6A"


def _exif(h: Household, rng: random.Random) -> str:
    def rational(number: float) -> str:
        seconds = abs(number) % 1 * 3600
        return f"{int(abs(number))}/1, {int(seconds // 60)}/1, {int(seconds % 60 * 100)}/100"

    return f"GPSLatitude={rational(h.home.latitude)} GPSLongitude={rational(h.home.longitude)}"


KINDS: dict[str, tuple[str, Kind]] = {
    "full-width card": ("secrets.value", lambda h, r: "card " + _fullwidth(" ".join(re.findall("....", h.secrets[0].value)))),
    "full-width phone": ("members.phones", lambda h, r: (n := _national(h)) and "電話" + _fullwidth(n)),
    "Arabic-Indic ssn": ("secrets.value", lambda h, r: "ssn " + _arabic(h.secrets[1].value)),
    "Devanagari phone": ("members.phones", lambda h, r: (n := _national(h)) and _devanagari(n)),
    "phone over lines": ("members.phones", lambda h, r: (n := _national(h)) and re.sub(r"([ -])(\S+)$", r"\1\n    \2", n)),
    "phone in cells": (
        "members.phones",
        lambda h, r: (n := _national(h)) and "<tr>\n" + "".join(f"  <td>{g}</td>\n" for g in re.findall(r"\d+", n)) + "</tr>",
    ),
    "phone in columns": ("members.phones", lambda h, r: (n := _national(h)) and n.replace(" ", "      ")),
    "card over lines": ("secrets.value", lambda h, r: "\n".join(re.findall("....", h.secrets[0].value))),
    "phone with extension": ("members.phones", lambda h, r: (n := _national(h)) and f"{n} ext. {r.randrange(100, 999)}"),
    "spoken phone": ("members.phones", _spoken_phone),
    "spoken phone with fillers": ("members.phones", _filled_phone),
    "corrected phone": ("members.phones", _corrected_phone),
    "spoken e-mail": ("members.emails", _spoken_mail),
    "bracketed e-mail": ("members.emails", lambda h, r: h.members[0].emails[0].replace("@", " [at] ").replace(".", " (dot) ")),
    "spoken street": ("home.street", _spoken_street),
    "streamed e-mail": ("members.emails", lambda h, r: _streamed(f"write to {h.members[0].emails[0]} now", r, "openai")),
    "streamed phone": ("members.phones", lambda h, r: (n := _national(h)) and _streamed(f"call {n} now", r, "anthropic")),
    "streamed name": ("members.name", lambda h, r: _streamed(f"It is {h.members[0].name}.", r, "lines")),
    "recogniser's words: phone": (
        "members.phones",
        lambda h, r: (n := _spoken_phone(h, r)) and _word_objects(n, r.choice(["word", "text", "w"])),
    ),
    "recogniser's words: name": (
        "members.name",
        lambda h, r: _word_objects(f"call {h.members[0].name}, please now", r.choice(["word", "punctuated_word", "value"])),
    ),
    "recogniser's list": ("members.phones", lambda h, r: (n := _spoken_phone(h, r)) and json.dumps({"w": n.split()})),
    "middle name left out": ("members.name", lambda h, r: "{0} {2}".format(*_person(h))),
    "middle initial": ("members.name", lambda h, r: f"{_person(h)[0]} {_person(h)[1][:1]}. {_person(h)[2]}"),
    "family first": ("members.name", lambda h, r: "{2}, {0}".format(*_person(h))),
    "family first, with initial": ("members.name", lambda h, r: f"{_person(h)[2]}, {_person(h)[0]} {_person(h)[1][:1]}."),
    "upper case": ("members.name", lambda h, r: "{2}, {0}".format(*_person(h)).upper()),
    "possessive": ("members.name", lambda h, r: "{0} {2}'s office".format(*_person(h))),
    "possessive without apostrophe": ("members.name", lambda h, r: "{0} {2}s office".format(*_person(h))),
    "without diacritics": ("members.name", lambda h, r: _ascii("{0} {2}".format(*_person(h)))),
    "umlauts spelled out": ("members.name", lambda h, r: _umlauts("{0} {2}".format(*_person(h)))),
    "without apostrophes": ("members.name", lambda h, r: "{0} {2}".format(*_person(h)).replace("'", "").replace("’", "")),
    "without hyphens": ("members.name", lambda h, r: "{0} {2}".format(*_person(h)).replace("-", " ")),
    "contact, middle name left out": (
        "contacts.name", lambda h, r: " ".join((h.contacts[0].name or "").split()[:1] + (h.contacts[0].name or "").split()[2:])
    ),
    "user name with a dot": ("members.name", lambda h, r: _user(h, ".")),
    "user name run together": ("members.name", lambda h, r: _user(h, "")),
    "user name with a year": ("members.name", lambda h, r: (u := _user(h, "")) and u + str(r.randrange(1950, 2009))),
    "street": ("home.street", lambda h, r: h.home.street),
    "street, number on the other side": ("home.street", lambda h, r: _turned_street(h)),
    "ISO 6709": ("home.latitude", _iso),
    "sides of the compass": ("home.latitude", _sided),
    "NMEA": ("home.latitude", _nmea),
    "EXIF": ("home.latitude", _exif),
    "map link": ("home.latitude", lambda h, r: f"/maps/place/x/data=!3m1!4b1!3d{h.home.latitude}!4d{h.home.longitude}"),
    "pair reversed": ("home.latitude", lambda h, r: f"{h.home.latitude:.6f}, {h.home.longitude:.6f}"[::-1]),
    "E7 reversed": ("home.latitude", lambda h, r: f"{round(h.home.latitude * 1e7)}, {round(h.home.longitude * 1e7)}"[::-1]),
}  # fmt: skip


def _user(h: Household, between: str) -> str | None:
    given, _, family = (_ascii(part).lower() for part in _person(h))
    if not (given.isalpha() and family.isalpha() and len(given + family) >= 8 and len(family) >= 5):
        return None
    return f"login={given}{between}{family}"


def _turned_street(h: Household) -> str | None:
    street = h.home.street or ""
    behind = re.fullmatch(r"([^\d,]+?) (\d+)", street)
    ahead = re.fullmatch(r"(\d+) ([^\d,]+)", street)
    if behind:
        return f"{behind[2]} {behind[1]}"
    return f"{ahead[2]} {ahead[1]}" if ahead else None


def neighbours(identities: Identities, seed: int) -> Iterator[tuple[str, Household, str, str]]:
    """(kind, household, field, text) of every kind for every household that has such a value."""
    for name, (field, write) in KINDS.items():
        for at, each in enumerate(identities.households):
            text = write(each, random.Random(f"{seed} {name} {at}"))
            if text:
                yield name, each, field, text
