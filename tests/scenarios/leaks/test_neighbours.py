"""Every kind of reported case over invented people of ten locales: found, in the right home, and in no other."""
# ruff: noqa: E501 (tables)

import random

import pytest

from gateway.identities import Household, Identities, Member, Place, Secret
from scenarios.leaks.detector import LeakDetector
from scenarios.verdict import Finding, Where
from tests.scenarios.leaks.neighbours import KINDS, OTHERS, home, homes

FILE = Where(kind="file", name="x")
KNOWN = homes(3, seed=11)
DETECTOR = LeakDetector(KNOWN)


def found(text: str, detector: LeakDetector = DETECTOR) -> list[Finding]:
    return detector.scan_bytes(text.encode(), FILE)


def has_number(each: Household) -> bool:
    return any(letter.isdigit() for letter in each.home.street)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_found_for_everybody_and_accuses_nobody_else(kind: str) -> None:
    field, write = KINDS[kind]
    written = 0
    for at, each in enumerate(KNOWN.households):
        text = write(each, random.Random(f"{kind} {at}"))
        if not text or (field == "home.street" and not has_number(each)):
            continue
        written += 1
        findings = found(text)
        assert field in {finding.field for finding in findings if finding.household_id == each.household_id}, text
        strangers = [f for f in findings if f.household_id != each.household_id and f.severity != "low"]
        assert not strangers, text
    assert written


@pytest.mark.parametrize("locale", OTHERS)
def test_names_of_other_scripts_are_found_without_spaces_and_in_either_order(locale: str) -> None:
    people = [home(locale, seed) for seed in range(4)]
    members = [
        Member(
            person_id=h.members[0].person_id, given_name=h.members[0].given_name, family_name=h.members[0].family_name
        )
        for h in people
    ]
    known = [Household(household_id=h.household_id, members=(m,)) for h, m in zip(people, members, strict=True)]
    detector = LeakDetector(Identities(schema=1, households=tuple(known)))
    for member, each in zip(members, known, strict=True):
        space = " " if locale == "ru_RU" else ""
        for text in (
            f"名前：{member.family_name}{space}{member.given_name}、さん",
            f"({member.given_name} {member.family_name})",
        ):
            ids = {(f.household_id, f.field) for f in found(text, detector)}
            assert (each.household_id, "members.name") in ids, text


@pytest.mark.parametrize(
    ("street", "written"),
    [
        ("新宿区西新宿2丁目8番1号", "西新宿2-8-1"), ("北京市朝阳区建国路88号", "地址：建国路88号，谢谢"), ("테헤란로 152", "테헤란로152에서"),
        ("12 bis rue de l'Église", "12bis, rue de l’Eglise"), ("Rua São João, 123, apto 45", "R. Sao Joao 123"),
        ("Flat 4B, Sai Krupa Apartments, 12 MG Road", "12, M.G. Road"), ("Königsbrücker Straße 17a", "Koenigsbruecker Str. 17 a"),
        ("Lê Lợi 45", "45 Le Loi"), ("ul. Kwiatowa 8/12", "Kwiatowa 8/12"), ("Prinsengracht 263-HS", "prinsengracht 263 hs"),
        ("120 North Oakhurst Avenue #3", "120 N Oakhurst Ave"), ("Lindenstraße 12", "Linden-Strasse 12"),
    ],
)  # fmt: skip
def test_a_street_is_found_as_people_of_its_country_write_it(street: str, written: str) -> None:
    known = Household(household_id="H", home=Place(street=street))
    detector = LeakDetector(Identities(schema=1, households=(known,)))
    assert [f.field for f in found(f"to {written} please", detector)] == ["home.street"]


def test_a_common_street_is_low_alone_and_high_with_its_town() -> None:
    place = Place(street="12 Main Street", city="Springfield", state="IL", postal_code="62704", country="US")
    detector = LeakDetector(Identities(schema=1, households=(Household(household_id="H", home=place),)))
    assert [f.severity for f in found("at 12 Main St today", detector)] == ["low"]
    assert [f.severity for f in found("12 Main St, Springfield", detector)] == ["high"]
    assert [f.severity for f in found("12 Main Street\nSpringfield, IL 62704", detector)] == ["high"]


def test_a_name_that_thousands_bear_is_low_and_a_rare_one_high() -> None:
    people = ("David Smith", "Quillon Featherstonehaugh")
    known = Household(household_id="H", members=tuple(Member(person_id=p, name=p) for p in people))
    detector = LeakDetector(Identities(schema=1, households=(known,)))
    assert [found(name, detector)[0].severity for name in people] == ["low", "high"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ottoline van der Meer", "van der Meer, Ottoline"), ("Ottoline van der Meer", "Ottoline Vandermeer"),
        ("Ottoline van der Meer", "Ottoline V. D. Meer"), ("Saoirse O'Flannery", "Saoirse O’Flannery's"),
        ("Saoirse O'Flannery", "saoirse_oflannery"), ("Mary-Kate Ellison", "Marykate Ellison"),
        ("Jürgen Weißmüller", "Juergen Weissmueller"), ("Jürgen Weißmüller", "Weissmuller, Jurgen"),
        ("Иван Сорокин", "Ivan Sorokin"), ("Иван Сорокин", "Sorokin Iwan"), ("王小明", "Wang Xiaoming"),
        ("王小明", "Xiao Ming Wang"), ("김민수", "Kim Min-su"), ("김민수", "김 민수"), ("Wolfgang Tarkington", "wtarkington1984"),
        ("Wolfgang Tarkington", 'Wolfgang "Wolfie" Tarkington'), ("Wolfgang Tarkington", "Wolfgang K. Tarkington"),
        ("José García Márquez", "García Márquez, José"), ("Zoé Lefèvre-Dupré", "Zoe Dupre"), ("Madhavankutty", "madhavankutty"),
    ],
)  # fmt: skip
def test_a_name_is_found_as_others_write_it(name: str, written: str) -> None:
    known = Household(household_id="H", members=(Member(person_id="P", name=name),))
    detector = LeakDetector(Identities(schema=1, households=(known,)))
    assert {f.field for f in found(f"from: {written};", detector)} == {"members.name"}


@pytest.mark.parametrize(
    "text",
    [
        "(541)\t555\t0187",
        "541\n555\n0187",
        "541,555,0187",
        "|541|555|0187|",
        "V/1 541 555-0187 W",
        "541.555.0187x12",
        "5 4 1 5 5 5 0 1 8 7",
    ],
)
def test_a_number_is_read_over_what_separates_its_usual_groups(text: str) -> None:
    known = Household(household_id="H", members=(Member(person_id="P", phones=("+15415550187",)),))
    detector = LeakDetector(Identities(schema=1, households=(known,)))
    assert [f.field for f in found(text, detector)] == ["members.phones"]


@pytest.mark.parametrize(
    "text",
    [
        "54 155 50187 12 7",
        "5415,550187",
        "54155\t50187",
        "[5415, 550, 187]",
        '{"a": "5415", "b": "550187"}',
        "7810\t555\t145",
    ],
)
def test_digits_of_other_cells_fields_and_rows_are_not_joined(text: str) -> None:
    known = Household(household_id="H", members=(Member(person_id="P", phones=("+15415550187",)),))
    detector = LeakDetector(Identities(schema=1, households=(known,)))
    assert not found(text, detector)


WRITTEN = Household(
    household_id="H",
    home=Place(street="4412 Tamarack Hollow Lane", latitude=-33.918861, longitude=18.423309),
    members=(Member(person_id="P", name="Ottoline Quarrington", phones=("+15415550187",)),),
    secrets=(Secret(kind="card", value="4539148803436467"),),
)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"tokens": ["▁Otto", "line", "▁Quarr", "ington", "."]}', "members.name"), ('["Otto", "line", "ĠQuarr", "ington"]', "members.name"),
        ('["otto", "##line", "quarr", "##ington"]', "members.name"),
        ('[{"token": "Otto"}, {"token": "line"}, {"token": " Quarr"}, {"token": "ington"}]', "members.name"),
        ("meine nummer ist fünf vier eins fünf fünf fünf null eins acht sieben", "members.phones"),
        ("es el cinco cuatro uno cinco cinco cinco cero uno ocho siete", "members.phones"),
        ("cinq quatre un cinq cinq cinq zéro un huit sept", "members.phones"),
        ("33 degrees 55 minutes 7.9 seconds south, 18 degrees 25 minutes 23.9 seconds east", "home.latitude"),
        ("fix 335507.90S0182523.91E", "home.latitude"), ("335507.9S 0182523.9E", "home.latitude"),
        ('{"lat": [[33, 1], [55, 1], [790, 100]], "lon": [[18, 1], [25, 1], [2391, 100]]}', "home.latitude"),
        ("((33, 1), (55, 1), (79, 10)) ((18, 1), (25, 1), (239, 10))", "home.latitude"),
        ('{"lat": {"deg": -33, "min": 55, "sec": 7.9}, "lon": {"deg": 18, "min": 25, "sec": 23.9}}', "home.latitude"),
        ("=3355.13S/01825.40E-", "home.latitude"), ("!1m2!1d3310!2d18.423309!3d-33.918861", "home.latitude"),
        ("minus thirty three point nine one eight eight six one, eighteen point four two three three oh nine", "home.latitude"),
        ("thirty three degrees fifty five minutes eight seconds south, eighteen degrees twenty five minutes twenty three "
         "seconds east", "home.latitude"),
        ('<person last="Quarrington" first="Ottoline"/>', "members.name"),
        ('foaf:givenName "Ottoline" ;\n  foaf:familyName "Quarrington" .', "members.name"),
        ('{"name": [{"family": "Quarrington", "given": ["Ottoline"]}]}', "members.name"),
        ("Otto<!-- -->line Quarr<!-- x -->ington", "members.name"), ("[b]Otto[/b]line Quarr[i]ing[/i]ton", "members.name"),
        ("^[[1mOtto^[[0mline Quarrington", "members.name"), ("ᴏᴛᴛᴏʟɪɴᴇ ǫᴜᴀʀʀɪɴɢᴛᴏɴ".replace("ǫ", "q"), "members.name"),
        ("otto ##line quarr ##ington", "members.name"), ("▁Otto line ▁Quarr ing ton", "members.name"),
        ("P<UTOQUARRINGTON<<OTTOLINE<<<<<<<<<<<", "members.name"), ("O-T-T-O-L-I-N-E Quarrington", "members.name"),
        ("Subject: =?utf-8?Q?Ottoline_Quarr?=\r\n =?utf-8?Q?ington?=", "members.name"),
        ('[["ottoline", 0.1, 0.4], ["quarrington", 0.5, 0.9], ["here", 1.0, 1.2]]', "members.name"),
        ('42["t", {"t": "Otto"}]\n42["t", {"t": "line Quarr"}]\n42["t", {"t": "ington"}]\n', "members.name"),
        ('{"segs": [{"utf8": "ottoline "}, {"utf8": "quarrington "}]}', "members.name"),
        ("电话15415550187客户", "members.phones"), ("541_555_0187", "members.phones"), ("[541] 555-0187", "members.phones"),
        ("000015415550187", "members.phones"), ("PHONE=541-\\\n555-0187", "members.phones"),
        ("5 4 1, 5 5 5, 0 1 8 7", "members.phones"), ("five four one five five five o one eight seven", "members.phones"),
        ("4539 1488\n0343 6467", "secrets.value"), ("45391488\n03436467", "secrets.value"),
        ("forty four twelve uh tamarack hollow lane", "home.street"),
        ("".join(f"\\{ord(c):x} " for c in "Ottoline Quarrington"), "members.name"),
        ("9TQ78RRCD5N6A82HELGN4SJ9DPJN8RRE", "members.name"),
        (".".join(str(ord(c)) for c in "Ottoline Quarrington"), "members.name"),
        ("".join(f"{ord(c):08b}"[::-1] for c in "Ottoline Quarrington"), "members.name"),
        ("".join(chr(33 + (ord(c) - 33 + 47) % 94) if c > " " else c for c in "Ottoline Quarrington"), "members.name"),
    ],
)  # fmt: skip
def test_a_value_is_found_as_programs_write_it(text: str, field: str) -> None:
    detector = LeakDetector(Identities(schema=1, households=(WRITTEN,)))
    assert field in {f.field for f in found(text, detector)}


@pytest.mark.parametrize(
    "text",
    [
        "5, 4, 1, 5, 5, 5, 0, 1, 8, 7", "first=\"Ottoline\"" + " x" * 200 + "last=\"Quarrington\"", "9541555018712",
        "thirty three point nine one eight eight six one, nineteen point four two three three oh nine",
        "null eins zwei drei vier fünf sechs sieben acht neun", "335507.90S0192523.91E", "[[33, 1], [55, 1], [790, 100]]",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_not_found(text: str) -> None:
    detector = LeakDetector(Identities(schema=1, households=(WRITTEN,)))
    assert not found(text, detector)
