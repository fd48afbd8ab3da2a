"""The plan: the same for the same seed, untouched by neighbours, and true to its settings."""

import collections
import itertools
import uuid

import msgspec
import pytest

from gateway.files import BadFile
from gateway.identities import Device, Household, Identities
from simulator.plan.plan import FleetSettings, Mix, plan_fleet
from simulator.world.households import make_identities


@pytest.fixture(scope="module")
def big() -> Identities:
    return make_identities(seed=7, households=20)


def test_the_same_seed_gives_the_same_plan_and_another_does_not(identities: Identities) -> None:
    plan = plan_fleet(FleetSettings(), identities)

    assert plan == plan_fleet(FleetSettings(), identities)
    assert plan.utterances != plan_fleet(FleetSettings(seed=8), identities).utterances


def test_adding_homes_moves_no_other_device(identities: Identities, big: Identities) -> None:
    few, many = (plan_fleet(FleetSettings(), homes) for homes in (identities, big))

    assert many.devices[: len(few.devices)] == few.devices


def test_adding_a_device_moves_no_other(identities: Identities) -> None:
    first = identities.households[0]
    more = first.model_copy(update={"devices": (*first.devices, Device(site_id="added"))})
    wider = identities.model_copy(update={"households": (more, *identities.households[1:])})

    before, after = (plan_fleet(FleetSettings(), homes) for homes in (identities, wider))

    assert [device for device in after.devices if device.site_id != "added"] == list(before.devices)


def test_everyone_has_a_name_a_session_and_a_time_of_its_own(big: Identities) -> None:
    said = plan_fleet(FleetSettings(), big).utterances

    assert len({u.utterance_id for u in said}) == len({u.session_id for u in said}) == len(said)
    assert all(uuid.UUID(u.session_id).version == 4 for u in said)
    for _, one in itertools.groupby(said, key=lambda u: u.site_id):
        times = [u.at_ms for u in one]
        assert all(later - earlier >= 90_000 for earlier, later in itertools.pairwise(times))


def test_the_demo_has_every_kind(big: Identities) -> None:
    kinds = collections.Counter(u.kind for u in plan_fleet(FleetSettings(), big).utterances)

    assert set(kinds) == {"wake", "button", "false_wake", "noise", "muted", "no_consent"}
    assert kinds["wake"] > 30


def test_what_should_become_of_each_kind(big: Identities) -> None:
    said = plan_fleet(FleetSettings(), big).utterances

    assert {u.kind for u in said if u.expected == "keep"} == {"wake", "button"}
    assert {u.kind for u in said if not u.acoustic} == {"button", "muted", "no_consent"}
    assert all(u.text.startswith("Alexa") for u in said if u.kind in ("wake", "muted"))
    assert all((u.trigger == "button") == (not u.text.startswith("Alexa")) for u in said if u.kind == "no_consent")
    assert not any("Alexa" in u.text for u in said if u.kind in ("button", "false_wake", "noise"))


def test_homes_without_consent_only_send_what_must_be_dropped(big: Identities) -> None:
    silent = {home.household_id for home in big.households if not home.consent}
    said = plan_fleet(FleetSettings(), big).utterances

    assert {u.household_id for u in said if u.kind == "no_consent"} == silent == {"H08", "H18"}
    assert not any(u.household_id in silent and u.kind != "no_consent" for u in said)


def test_a_person_keeps_one_voice_and_housemates_differ(big: Identities) -> None:
    plan = plan_fleet(
        FleetSettings(utterances_per_device=12, mix=Mix(wake=1, button=0, false_wake=0, noise=0, muted=0)), big
    )
    for home in big.households:
        said = [u for u in plan.utterances if u.household_id == home.household_id]
        voices = {saying.voice.name for u in said for saying in u.scene.sayings}
        assert len(voices) <= len(home.members)


def test_weights_and_settings_are_followed(big: Identities) -> None:
    only = FleetSettings(
        mix=Mix(wake=0, button=1, false_wake=0, noise=0, muted=0), snr_db=7.0, talk_after=1.0, telling=1.0
    )

    said = [u for u in plan_fleet(only, big).utterances if u.kind != "no_consent"]

    assert {u.kind for u in said} == {"button"}
    assert {u.scene.snr_db for u in said} == {7.0}
    assert {len(u.scene.sayings) for u in said} == {2}
    assert all(any(word.secret for word in u.scene.sayings[1].words) for u in said)


def test_a_home_of_which_little_is_known_speaks_all_the_same() -> None:
    bare = Identities(schema=1, households=(Household(household_id="H01", devices=(Device(site_id="dev1"),)),))

    said = plan_fleet(FleetSettings(utterances_per_device=20), bare).utterances

    assert len(said) == 20
    assert not any(word.secret for u in said for saying in u.scene.sayings for word in saying.words)


def test_weights_of_nothing_are_refused(identities: Identities) -> None:
    nothing = msgspec.structs.replace(FleetSettings(), mix=Mix(wake=0, button=0, false_wake=0, noise=0, muted=0))

    with pytest.raises(BadFile, match="mix: at least one weight"):
        plan_fleet(nothing, identities)


def test_cries_for_help_are_not_kept(big: Identities) -> None:
    only = FleetSettings(mix=Mix(wake=0, button=0, false_wake=1, noise=0, muted=0), distress=1.0)
    said = [u for u in plan_fleet(only, big).utterances if u.kind != "no_consent"]

    assert {(u.intent, u.expected) for u in said} == {("distress", "drop")}


def test_a_wrong_clock_moves_what_the_device_stamps_and_nothing_else(big: Identities) -> None:
    right, wrong = (plan_fleet(FleetSettings(skew_ms=skew), big) for skew in (0, 60_000))

    assert right.utterances == wrong.utterances
    assert {device.skew_ms for device in right.devices} == {0}
    assert len({device.skew_ms for device in wrong.devices}) > 10
    assert max(abs(device.skew_ms) for device in wrong.devices) <= 60_000
