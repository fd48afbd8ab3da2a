"""Passkeys against a software authenticator, and everything an attacker could answer instead."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gateway.review.people.passkeys import MOST, Passkeys, Site
from gateway.storage.people_tables import meta
from tests.gateway.review.people.authenticator import Authenticator

SITE = Site(name="review.test", origin="https://review.test")


class Desk:
    def __init__(self, folder: Path) -> None:
        self.now = 1_000_000.0
        self.engine = sa.create_engine(f"sqlite:///{folder}/people.db", poolclass=sa.NullPool)
        meta.create_all(self.engine)
        self.passkeys = self.worker()
        self.device = Authenticator(SITE.origin, SITE.name)

    def worker(self, key: bytes = b"k" * 32) -> Passkeys:
        return Passkeys(self.engine, key, lambda: self.now)

    def add(self, username: str = "ada", device: Authenticator | None = None) -> bool:
        options = self.passkeys.options_to_add(username, SITE, "session")
        return self.passkeys.add(username, "laptop", (device or self.device).create(options), SITE, "session")

    def asked(self) -> str:
        return self.passkeys.options_to_sign_in(SITE, "form")

    def fits(self, answer: str, username: str = "ada") -> bool:
        return self.passkeys.fits(username, answer, SITE, "form")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_passkey_is_added_and_signs_in_again_and_again_until_it_is_removed(desk: Desk) -> None:
    assert desk.add()
    assert [each.label for each in desk.passkeys.of("ada")] == ["laptop"]
    assert desk.fits(desk.device.get(desk.asked()))
    assert desk.fits(desk.device.get(desk.asked()))
    assert not desk.passkeys.remove("bob", desk.passkeys.of("ada")[0].hashed)
    assert desk.passkeys.remove("ada", desk.passkeys.of("ada")[0].hashed)
    assert not desk.fits(desk.device.get(desk.asked()))


@pytest.mark.parametrize("step", [0, 1])
def test_an_answer_counts_once_in_whichever_process(desk: Desk, step: int) -> None:
    desk.device.step = step
    desk.add()
    answer = desk.device.get(desk.asked())
    assert desk.fits(answer)
    assert not desk.fits(answer)
    assert not desk.worker().fits("ada", answer, SITE, "form")


def test_another_persons_passkey_opens_nothing(desk: Desk) -> None:
    desk.add("bob")
    assert not desk.fits(desk.device.get(desk.asked()), "ada")
    assert desk.fits(desk.device.get(desk.asked()), "bob")


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("https://review.test.evil.example", "review.test"),
        ("http://review.test", "review.test"),
        ("https://review.test:8443", "review.test"),
        ("https://review.test", "evil.example"),
    ],
)
def test_what_was_asked_elsewhere_is_no_answer(desk: Desk, origin: str, rp_id: str) -> None:
    desk.add()
    desk.device.origin, desk.device.rp_id = origin, rp_id
    assert not desk.fits(desk.device.get(desk.asked()))
    assert not desk.add(device=Authenticator(origin, rp_id))


def test_a_challenge_belongs_to_one_browser_for_five_minutes(desk: Desk) -> None:
    desk.add()
    assert not desk.passkeys.fits("ada", desk.device.get(desk.asked()), SITE, "another form")
    assert not desk.fits(desk.device.get(desk.worker(b"x" * 32).options_to_sign_in(SITE, "form")))
    old = desk.asked()
    desk.now += 301
    assert not desk.fits(desk.device.get(old))
    early = desk.asked()
    desk.now -= 10
    assert not desk.fits(desk.device.get(early))


def test_a_copied_passkey_shows_by_its_counter(desk: Desk) -> None:
    desk.add()
    for _ in range(3):
        assert desk.fits(desk.device.get(desk.asked()))
    desk.device.count = 1
    assert not desk.fits(desk.device.get(desk.asked()))


def test_nobody_touched_it_and_another_key_signed_are_refused(desk: Desk) -> None:
    desk.add()
    assert not desk.fits(desk.device.get(desk.asked(), flags=0))
    forged = Authenticator(SITE.origin, SITE.name)
    forged.id = desk.device.id
    assert not desk.fits(forged.get(desk.asked()))


def test_one_credential_is_added_once_and_a_person_has_so_many(desk: Desk) -> None:
    assert desk.add()
    assert not desk.add("bob")
    for _ in range(MOST - 1):
        assert desk.add(device=Authenticator(SITE.origin, SITE.name))
    assert not desk.add(device=Authenticator(SITE.origin, SITE.name))


def test_what_the_browser_is_told_names_nobody(desk: Desk) -> None:
    desk.add()
    asked = json.loads(desk.asked())
    assert asked["allowCredentials"] == []
    options = json.loads(desk.passkeys.options_to_add("ada", SITE, "session"))
    assert len(options["excludeCredentials"]) == 1
    assert "ada" not in options["user"]["id"]


@given(
    st.one_of(
        st.text(max_size=200),
        st.recursive(
            st.none() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["response", "clientDataJSON", "id", "rawId", "type"]), inner)
            ),
        ).map(json.dumps),
    )
)
def test_any_text_is_refused_and_never_an_error(text: str) -> None:
    engine = sa.create_engine("sqlite://")
    meta.create_all(engine)
    passkeys = Passkeys(engine, b"k" * 32, lambda: 1_000_000.0)
    assert not passkeys.fits("ada", text, SITE, "form")
    assert not passkeys.add("ada", "x", text, SITE, "form")
    engine.dispose()
