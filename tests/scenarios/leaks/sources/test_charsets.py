"""Texts in another character set than UTF-8 are read as what they are."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from gateway.identities import Household, Identities, Member
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.haystack import Haystack
from scenarios.leaks.sources import raw as raw_module
from scenarios.leaks.sources.charsets import charset_of
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
