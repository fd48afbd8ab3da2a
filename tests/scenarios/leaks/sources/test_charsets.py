"""Texts in another character set than UTF-8 are read as what they are."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from gateway.identities import Household, Identities, Member
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.haystack import Haystack
from scenarios.leaks.sources import raw as raw_module
from scenarios.leaks.sources.charsets import charset_of, others_of
from scenarios.leaks.sources.opened import opened
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Unread, Wanted
from scenarios.leaks.sources.tally import Tally
from tests.scenarios.leaks.sources.conftest import FIELDS, TEXT

PEOPLE = {
    "cp1252": ("Jürgen Größmann", "Er wohnt seit Jahren in der Nähe, über dem Café. Die Lampe im Flur ist größer. "),
    "cp1250": ("Łukasz Wiśniewski", "Światło w przedpokoju jest włączone, a żaluzje są zamknięte przez całą noc. "),
    "cp1251": ("Екатерина Воронцова", "Свет в прихожей включён, а шторы закрыты на всю ночь, потому что темно. "),
    "koi8_r": ("Екатерина Воронцова", "Свет в прихожей включён, а шторы закрыты на всю ночь, потому что темно. "),
    "shift_jis": ("山田 花子", "玄関の明かりがついています。カーテンは夜の間ずっと閉まっています。"),
    "gb18030": ("王 小明丽", "走廊的灯是开着的，窗帘整夜都关着，因为外面很黑。请把音乐关掉。"),
    "utf-16": ("Łukasz Wiśniewski", "Światło w przedpokoju jest włączone, a żaluzje są zamknięte przez całą noc. "),
    "utf-32": ("Екатерина Воронцова", "Свет в прихожей включён, а шторы закрыты на всю ночь, потому что темно. "),
}


def found(name: str, data: bytes) -> set[str]:
    member = Member(person_id="P", name=name)
    detector = LeakDetector(Identities(schema=1, households=(Household(household_id="H", members=(member,)),)))
    tally = Tally()
    for told in opened(Content((data,)), "f", masked=lambda text: text):
        tally.note(told) if isinstance(told, Unread) else tally.add(told, detector.search(haystack(told)))
    return {finding.field for finding in tally.result().findings}


def haystack(wanted: Wanted) -> Haystack:
    from scenarios.leaks.haystack import Haystack

    return Haystack(parts=wanted.parts)


@pytest.mark.parametrize("charset", PEOPLE)
def test_a_name_in_its_own_character_set(charset: str) -> None:
    name, text = PEOPLE[charset]
    assert "members.name" in found(name, (text * 20 + name + " " + text * 20).encode(charset))
    assert found(name, (text * 20).encode(charset)) == set()


@pytest.mark.parametrize("charset", ["cp037", "cp500", "utf-32-le", "utf-32-be", "utf-16"])
def test_plain_values_in_wide_and_old_sets(seen: Callable[..., Any], charset: str) -> None:
    text = "turn on the lamp in the hall please\n" * 30 + TEXT
    assert seen(text.encode(charset)).fields >= FIELDS


def test_a_long_text_keeps_its_set_over_all_pieces(monkeypatch: pytest.MonkeyPatch, seen: Callable[..., Any]) -> None:
    monkeypatch.setattr(raw_module, "PIECE", 10_001)  # cuts characters in two
    monkeypatch.setattr(raw_module, "OVERLAP", 500)
    assert seen(("a lamp\n" * 5_000 + TEXT + "b lamp\n" * 3_000).encode("utf-32")).fields >= FIELDS


def test_neither_plain_text_nor_noise_has_one() -> None:
    rng = random.Random(1)
    assert charset_of(b"plain text of some length") is None
    assert charset_of("grüße aus der straße".encode()) is None
    assert [charset_of(rng.randbytes(3_000)) for _ in range(5)] == [None] * 5
    assert charset_of("grün ".encode() * 300 + b"\xff" + "grün ".encode() * 300) is None


SHORT = [
    ("cp850", "Kunde: {} ruft an\n", "Jörg Hünefeldt", "Käthe Brömmelkamp"),
    ("mac_roman", "Kunde: {} ruft an\n", "Jörg Hünefeldt", "Käthe Brömmelkamp"),
    ("cp1254", "Sayın {}, merhaba\n", "Işıl Yıldırım", "Çağrı Şahinoğlu"),
    ("cp1250", "Pan {} dzwonił\n", "Łukasz Wiśniewski", "Żaneta Gęśla"),
    ("cp866", "звонит {}\n", "Алексей Воробьянинов", "Екатерина Добролюбова"),
    ("koi8_r", "звонит {}\n", "Алексей Воробьянинов", "Екатерина Добролюбова"),
    ("cp1253", "κύριε {}, καλημέρα\n", "Γεώργιος Παπαδόπουλος", "Ελένη Χατζή"),
    ("cp1256", "السيد {} اتصل بنا\n", "فهد القحطاني", "محمد الشهراني"),
    ("shift_jis", "お客様:{}様から電話\n", "渡辺健太郎", "小林美咲子"),
    ("euc_jp", "お客様:{}様から電話\n", "渡辺健太郎", "小林美咲子"),
    ("gb18030", "客户{}来电\n", "欧阳晓雯", "司马雨桐"),
    ("big5", "客戶{}來電\n", "歐陽曉雯", "司馬雨桐"),
    ("euc_kr", "고객 {}님 전화\n", "김민서", "박지훈"),
]


@pytest.mark.parametrize(("charset", "text", "name", "other"), SHORT)
def test_a_short_text_is_read_in_every_set_it_may_be_in(charset: str, text: str, name: str, other: str) -> None:
    """Nobody can tell the set of one line: a guess alone missed most of these."""
    assert "members.name" in found(name, text.format(name).encode(charset))
    assert not found(name, text.format(other).encode(charset))


def test_a_set_in_which_it_reads_as_no_words_is_not_tried() -> None:
    german = "Jürgen Größmann wohnt in der Nähe, über dem Café in der Straße".encode("cp1252")
    assert not {"cp1251", "koi8_r", "cp866", "cp1253", "cp850", "mac_roman", "shift_jis"} & set(others_of(german, None))
    assert "koi8_r" not in others_of("Екатерина Воронцова вышла из дома".encode("cp1251"), None)
    assert (
        others_of("grüße".encode(), None)
        == others_of(b"plain", None)
        == others_of(random.Random(1).randbytes(999), None)
        == ()
    )


@pytest.mark.parametrize("charset", ["utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("written", ["cp1251", "shift_jis"])
def test_utf_16_of_another_script_without_its_mark_is_read(written: str, charset: str) -> None:
    name, text = PEOPLE[written]
    data = f"{text} 1 {name} 2026\n{text}".encode(charset)
    assert charset_of(data) == charset
    assert "members.name" in found(name, data)


def test_bytes_with_zeros_are_no_utf_16() -> None:
    rng = random.Random(3)
    for _ in range(200):
        data = bytes(rng.choice((0, 0, 65, 66, 200, rng.randrange(256))) for _ in range(200))
        assert charset_of(data) not in ("utf-16-be", "utf-16-le")


@pytest.mark.parametrize(
    ("charset", "name"),
    [("iso8859_2", "\u017dofie K\u0159\u00ed\u017eov\u00e1"), ("cp861", "Sigr\u00ed\u00f0ur \u00deorvaldsd\u00f3ttir"),
     ("iso8859_6", "\u0641\u0627\u0637\u0645\u0629 \u0627\u0644\u0632\u0647\u0631\u0627\u0646\u064a")],
)  # fmt: skip
def test_a_name_in_a_set_of_other_systems(charset: str, name: str) -> None:
    assert "members.name" in found(name, f"1; {name}; 2".encode(charset))
