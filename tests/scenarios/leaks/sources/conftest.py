"""What `earlid scan` finds in one file, without the command around it."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from gateway.identities import Device, Household, Identities, Member, Place, Secret
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.sources.opened import opened
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Unread
from scenarios.leaks.sources.search import Search
from scenarios.leaks.sources.tally import ScanResult, Tally

NAME, EMAIL, STREET = "Tami Lutz", "tami.lutz18@example.net", "7095 Jordan Lane"
LATITUDE, LONGITUDE = 43.344848, -85.866636
ROW = {"who": NAME, "mail": EMAIL, "at": STREET, "lat": LATITUDE, "lon": LONGITUDE}
CLEAN = {"who": "nobody", "mail": "none", "at": "somewhere", "lat": 1.5, "lon": 2.5}
TEXT = f"the lamp of {NAME} <{EMAIL}> in {STREET} is on\n"
FIELDS = {"members.name", "members.emails", "home.street"}


class Seen(msgspec.Struct, frozen=True):
    """`fields` found; `unread` as (kind, why); `how` the chains, joined; the whole `result`."""

    fields: set[str]
    unread: list[tuple[str, str]]
    how: set[str]
    result: ScanResult


@pytest.fixture(scope="session")
def one_home() -> Identities:
    home = Place(street=STREET, city="Ashland", latitude=LATITUDE, longitude=LONGITUDE)
    member = Member(person_id="H02-P1", name=NAME, given_name="Tami", phones=("+12315552226",), emails=(EMAIL,))
    return Identities(
        schema=1,
        households=(
            Household(
                household_id="H02",
                customer_id="AP0FH1H6WNG2D7",
                home=home,
                members=(member,),
                devices=(Device(site_id="u7qaa256pwhvhptk", serial="G09WTN61ELA4DS57"),),
                secrets=(Secret(kind="ssn", value="788-82-0651"),),
            ),
        ),
    )


@pytest.fixture(scope="session")
def one_detector(one_home: Identities) -> LeakDetector:
    return LeakDetector(one_home)


@pytest.fixture
def seen(one_detector: LeakDetector) -> Callable[[bytes | Path], Seen]:
    def look(data: bytes | Path) -> Seen:
        content, tally = Content(data if isinstance(data, Path) else (data,)), Tally()
        with Search(one_detector) as search:
            for told in search.each(opened(content, "f", masked=one_detector.masked)):
                tally.note(told) if isinstance(told, Unread) else tally.add(*told)
        result = tally.result()
        return Seen(
            {f.field for f in result.findings},
            [(each.kind, each.why) for each in result.unread],
            {" ".join(f.how) for f in result.findings},
            result,
        )

    return look
