"""A plan in parts, homes by cohort, one utterance at several devices."""

from pathlib import Path

from gateway.identities import Identities
from scenarios.model.suite_files import prepare_file
from scenarios.run.world import world_of
from simulator.plan.plan import Plan
from simulator.plan.slices import slices

HEAD = "scenario: 2\nname: x\nabout: x\nchecks: [leaks]\n"


def world(tmp_path: Path, text: str) -> tuple[Identities, Plan]:
    path = tmp_path / "x.yaml"
    path.write_text(HEAD + text)
    return world_of(prepare_file(path)[0].scenario)


def test_parts_have_everything_once(tmp_path: Path) -> None:
    _, plan = world(tmp_path, "fleet: {households: 4, utterances_per_device: 5}\n")
    parts = slices(plan, 3)
    labels = [said.utterance_id for part in parts for said in part.utterances]
    assert sorted(labels) == sorted(said.utterance_id for said in plan.utterances)
    for part in parts:
        assert all(said.at_ms >= part.settings.began_ms for said in part.utterances)


def test_several_devices_hear_one_utterance(tmp_path: Path) -> None:
    text = "fleet: {households: 3, utterances_per_device: 2, devices_per_household: 3, heard_by: 2}\n"
    identities, plan = world(tmp_path, text)
    assert [len(home.devices) for home in identities.households] == [3, 3, 3]
    assert len({d.site_id for home in identities.households for d in home.devices}) == 9
    by_id = {said.utterance_id: said for said in plan.utterances}
    copies = [said for said in plan.utterances if said.same_as]
    assert len(copies) == 6
    for said in copies:
        first = by_id[said.same_as]
        assert 0 < said.at_ms - first.at_ms < 200
        assert said.text == first.text
        assert said.scene.snr_db < first.scene.snr_db
        assert said.session_id != first.session_id


def test_cohorts_are_as_they_wish_and_move_nobody_else(tmp_path: Path) -> None:
    text = (
        "fleet:\n  households: 10\n  cohorts:\n"
        "  - {name: quiet, share: 0.6, muted: 1.0, consent: 1.0}\n"
        "  - {name: families, share: 0.4, children: 1.0, consent: 0.5, towns: ['Ashland, OR'], snr_db: [5, 9]}\n"
    )
    identities, plan = world(tmp_path, text)
    homes = identities.households
    assert [home.consent for home in homes] == [True] * 6 + [True, False, True, False]
    assert {home.home.city for home in homes[6:]} == {"Ashland"}
    assert all(m.age_group == "child" for home in homes[6:] for m in home.members[1:])
    kinds = {said.kind for said in plan.utterances if int(said.household_id[1:]) <= 6}
    assert kinds == {"muted"}
    loud = [said for said in plan.utterances if int(said.household_id[1:]) > 6 and said.kind != "noise"]
    drawn = {said.scene.snr_db for said in loud}
    assert all(5 <= snr <= 9 for snr in drawn)


def test_a_television_is_heard_where_one_is_on(tmp_path: Path) -> None:
    _, on = world(tmp_path, "fleet: {households: 4, television: 1.0}\n")
    _, off = world(tmp_path, "fleet: {households: 4}\n")
    assert {said.scene.backdrop for said in on.utterances if said.kind == "wake"} == {"television"}
    assert {said.scene.backdrop for said in off.utterances if said.kind == "wake"} != {"television"}


EVENTS = "fleet: {households: 3, utterances_per_device: 6, consent: 1.0}\ntimeline:\n"


def kinds_by_time(plan: Plan, home: str) -> dict[float, str]:
    began = plan.settings.began_ms
    return {(s.at_ms - began) / 60_000: s.kind for s in plan.utterances if s.household_id == home}


def test_a_microphone_is_off_from_a_mute_to_the_next_unmute(tmp_path: Path) -> None:
    text = EVENTS + "  - {at: 3m, do: mute, household: H02}\n  - {at: 8m, do: unmute}\n"
    _, plan = world(tmp_path, text)
    _, usual = world(tmp_path, EVENTS.replace("timeline:\n", ""))
    muted = kinds_by_time(plan, "H02")
    assert all(kind == "muted" for at, kind in muted.items() if 3 <= at < 8)
    assert {at: k for at, k in muted.items() if not 3 <= at < 8} == {
        at: k for at, k in kinds_by_time(usual, "H02").items() if not 3 <= at < 8
    }
    assert kinds_by_time(plan, "H01") == kinds_by_time(usual, "H01")


def test_a_clock_is_wrong_from_its_step_on(tmp_path: Path) -> None:
    _, plan = world(tmp_path, EVENTS + "  - {at: 4m, do: clock_step, by: -1h, household: H01}\n")
    began = plan.settings.began_ms
    stepped = [device for device in plan.devices if device.label.startswith("H01")]
    assert {device.ahead_ms(began + 239_000) for device in stepped} == {0}
    assert {device.ahead_ms(began + 240_000) for device in stepped} == {-3_600_000}
    assert {d.ahead_ms(began + 240_000) for d in plan.devices if not d.label.startswith("H01")} == {0}


def test_a_partition_takes_the_connection_and_what_is_not_held(tmp_path: Path) -> None:
    _, plan = world(tmp_path, EVENTS + "  - {at: 1m, do: partition, for: 30m, household: H01}\n")
    cut = [device for device in plan.devices if device.label.startswith("H01")]
    assert all(outage.kind == "offline" for device in cut for outage in device.outages)
    assert {said.why for said in plan.unsent} == {"offline"}
    assert {said.household_id for said in plan.unsent} == {"H01"}


def test_nights_resending_accents_and_levels_are_a_cohorts_own(tmp_path: Path) -> None:
    text = (
        "fleet:\n  cohorts:\n"
        '  - {name: night, households: 2, mutes: {from: "00:00", until: "24:00"}, consent: 1.0}\n'
        "  - {name: far, households: 2, accents: [en-us], resend: {attempts: 5, wait: 20s}, \n"
        "     hears: [{}, {quieter_db: 12, later_ms: 90}]}\n"
    )
    _, plan = world(tmp_path, text)
    assert {said.kind for said in plan.utterances if said.household_id in ("H01", "H02")} == {"muted"}
    far = [device for device in plan.devices if device.label[:3] in ("H03", "H04")]
    assert {(d.habits.attempts, d.habits.deadline_ms) for d in far if d.habits} == {(5, 20_000)}
    assert [device.label for device in far] == ["H03-D1", "H03-D2", "H04-D1", "H04-D2"]
    by_id = {said.utterance_id: said for said in plan.utterances}
    copies = [said for said in plan.utterances if said.same_as]
    assert copies
    assert all(said.at_ms - by_id[said.same_as or ""].at_ms == 90 for said in copies)
    assert all(by_id[said.same_as or ""].scene.snr_db - said.scene.snr_db == 12 for said in copies)
    spoken = {s.voice.accent for d in far for u in d.utterances if u.kind == "wake" for s in u.scene.sayings[:1]}
    assert spoken == {"en-us"}


def test_people_speak_by_the_hour(tmp_path: Path) -> None:
    text = 'fleet: {households: 4, arrivals: {per_day: 40, starts: "18:00", lasts: 6h, rushes: [{at: 1h}]}}\n'
    _, plan = world(tmp_path, text)
    minutes = [(said.at_ms - plan.settings.began_ms) / 60_000 for said in plan.utterances]
    assert max(minutes) < 360
    assert sum(60 <= at < 60.1 for at in minutes) == len(plan.devices)
