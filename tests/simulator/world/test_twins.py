"""Twins: other people, the same life; and which field is another is the caller's choice."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from gateway.files import BadFile
from gateway.identities import Contact, Device, Household, Identities, Member, Place, Secret
from simulator.plan.plan import FleetSettings, Plan, plan_fleet
from simulator.sound.scenes import render
from simulator.world.twins import SILENT_FIELDS, SPOKEN_FIELDS, make_twin

ALL = (*SILENT_FIELDS, *SPOKEN_FIELDS)


def _values(identities: Identities) -> list[dict[str, list[Any]]]:
    """Per home, every value of every field by its dotted name."""
    rows = []
    for home in identities.households:
        found: dict[str, list[Any]] = {"customer_id": [home.customer_id], "shape": [home.household_id, home.consent]}
        parts = {"home": [home.home], "work": home.work, "devices": home.devices, "members": home.members}
        for name, items in {**parts, "contacts": home.contacts, "secrets": home.secrets}.items():
            for item in items:
                for key, value in item:
                    found.setdefault(f"{name}.{key}", []).append(value)
        rows.append(found)
    return rows


def _differing(a: Identities, b: Identities) -> set[str]:
    pairs = zip(_values(a), _values(b), strict=True)
    return {field for one, other in pairs for field in one if one[field] != other[field]}


def _life(plan: Plan) -> list[tuple[Any, ...]]:
    return [
        (said.utterance_id, said.session_id, said.at_ms, said.kind, said.intent, said.expected, said.trigger)
        for said in plan.utterances
    ]


def test_a_silent_twin_has_other_ids_and_says_the_same(identities: Identities) -> None:
    twin = make_twin(identities, seed=1)
    here, there = (plan_fleet(FleetSettings(), each) for each in (identities, twin))

    assert _differing(identities, twin) == set(SILENT_FIELDS)
    assert [said.scene for said in here.utterances] == [said.scene for said in there.utterances]
    assert _life(here) == _life(there)


def test_a_spoken_twin_shares_nothing_with_its_twin(identities: Identities) -> None:
    twin = make_twin(identities, seed=1, spoken=True)

    assert _differing(identities, twin) == set(ALL)
    for before, after in zip(_values(identities), _values(twin), strict=True):
        for field in set(ALL) - {"work.state", "home.state"}:
            shared = set(map(str, before.get(field, ()))) & set(map(str, after.get(field, ())))
            assert shared <= {"()"}, field


def test_equal_lengths_are_equal_and_unequal_are_not(identities: Identities) -> None:
    equal = make_twin(identities, seed=2, spoken=True)
    unequal = make_twin(identities, seed=2, spoken=True, equal_lengths=False)
    free = {"home.state", "work.state", "home.latitude", "home.longitude", "work.latitude", "work.longitude"}

    for before, same, other in zip(_values(identities), _values(equal), _values(unequal), strict=True):
        for field in set(before) - free - {"shape"}:
            assert [len(str(v)) for v in before[field]] == [len(str(v)) for v in same[field]], field
        for field in ("customer_id", "devices.serial", "members.given_name", "contacts.name", "home.city"):
            assert all(len(a) != len(b) for a, b in zip(before[field], other[field], strict=True)), field


@given(field=st.sampled_from(ALL), seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_one_field_is_one_field(identities: Identities, field: str, seed: int) -> None:
    few = identities.model_copy(update={"households": identities.households[:3]})

    assert _differing(few, make_twin(few, seed=seed, fields=[field])) == {field}


def test_numbers_of_a_twin_are_as_right_as_they_were(identities: Identities) -> None:
    twin = make_twin(identities, seed=3, spoken=True)
    cards = [s.value for home in twin.households for s in home.secrets if s.kind == "card"]

    assert all(luhn.is_valid(card) for card in cards)
    assert len({*cards}) == len(twin.households)
    assert Identities.model_validate_json(twin.to_json()) == twin


def test_an_unknown_field_is_one_line(identities: Identities) -> None:
    with pytest.raises(BadFile, match=r"twin: members\.voice: unknown field; allowed: contacts\.emails, "):
        make_twin(identities, seed=1, fields=["members.voice"])


def test_a_users_own_accounts_have_twins_too() -> None:
    own = Identities(
        households=(
            Household(
                household_id="A",
                customer_id="cust-7",
                devices=(Device(site_id="kitchen"),),
                home=Place(street="Hauptstrasse", city="Nowhereville", latitude=48.5, longitude=9.25),
                members=(Member(person_id="p", name="Zoë Üç", given_name="Zoë", phones=("+4915112345678",)),),
                contacts=(Contact(name="Mum"), Contact(emails=("a.b@example.org",))),
                secrets=(Secret(kind="passport", value="C01X0006H"),),
            ),
        )
    )
    fields = [field for field in ALL if field not in ("home.city", "home.state")]

    differing = _differing(own, make_twin(own, seed=1, fields=fields))

    assert {"home.street", "home.latitude", "members.phones", "contacts.name", "secrets.value"} <= differing


def test_spoken_twins_sound_alike_outside_their_slots(identities: Identities) -> None:
    few = identities.model_copy(update={"households": identities.households[:3]})
    loud = FleetSettings(fixed_slots=True, utterances_per_device=3, talk_after=0.7)
    here, there = (plan_fleet(loud, each) for each in (few, make_twin(few, seed=1, spoken=True)))
    checked = 0

    assert _life(here) == _life(there)
    for one, other in zip(here.utterances, there.utterances, strict=True):
        a, b = render(one.scene), render(other.scene)
        assert len(a.pcm) == len(b.pcm)
        plain = [(word.start, word.end) for word in a.words if not word.secret]
        assert plain == [(word.start, word.end) for word in b.words if not word.secret]
        assert all(np.array_equal(a.pcm[start:end], b.pcm[start:end]) for start, end in plain)
        checked += sum(bool(word.secret) for word in a.words)
    assert checked > 5


def test_without_slots_a_longer_name_is_heard(identities: Identities) -> None:
    few = identities.model_copy(update={"households": identities.households[:3]})
    free = msgspec.structs.replace(FleetSettings(), talk_after=0.7)
    twin = make_twin(few, seed=1, spoken=True, equal_lengths=False)
    here, there = (plan_fleet(free, each) for each in (few, twin))

    lengths = [[len(render(said.scene).pcm) for said in plan.utterances[:6]] for plan in (here, there)]
    assert lengths[0] != lengths[1]
