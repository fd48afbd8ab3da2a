"""A plan in parts, homes by cohort, one utterance at several devices."""

from scenarios.model.suite_files import prepare_file
from scenarios.run.scenario_run import world_of
from simulator.plan.slices import slices

HEAD = "scenario: 2\nname: x\nabout: x\nchecks: [leaks]\n"


def world(tmp_path, text: str):
    path = tmp_path / "x.yaml"
    path.write_text(HEAD + text)
    return world_of(prepare_file(path)[0].scenario)


def test_parts_have_everything_once(tmp_path) -> None:
    _, plan = world(tmp_path, "fleet: {households: 4, utterances_per_device: 5}\n")
    parts = slices(plan, 3)
    labels = [said.utterance_id for part in parts for said in part.utterances]
    assert sorted(labels) == sorted(said.utterance_id for said in plan.utterances)
    for part in parts:
        assert all(said.at_ms >= part.settings.began_ms for said in part.utterances)


def test_several_devices_hear_one_utterance(tmp_path) -> None:
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


def test_cohorts_are_as_they_wish_and_move_nobody_else(tmp_path) -> None:
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


def test_a_television_is_heard_where_one_is_on(tmp_path) -> None:
    _, on = world(tmp_path, "fleet: {households: 4, television: 1.0}\n")
    _, off = world(tmp_path, "fleet: {households: 4}\n")
    assert {said.scene.backdrop for said in on.utterances if said.kind == "wake"} == {"television"}
    assert {said.scene.backdrop for said in off.utterances if said.kind == "wake"} != {"television"}
