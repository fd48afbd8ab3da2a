"""Scenario files: what they extend, variables, matrices, contracts in place; every fault at once, and where."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.files import BadFile
from scenarios.model.suite_files import prepare, prepare_file
from scenarios.model.yaml_file import BadFiles, parse_document

HEAD = "scenario: 2\nname: mine\nabout: x\n"
GOOD = HEAD + "checks: [leaks]\n"


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def faults(folder: Path, text: str) -> list[str]:
    path = write(folder, text)
    with pytest.raises(BadFile) as caught:
        prepare([path])
    return [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("", ["1:1: the file is empty"]),
        ("[1, 2]", ["1:1: keys and values are wanted, not a list"]),
        ("leaks", ["1:1: keys and values are wanted, not one value"]),
        (HEAD + "\tchecks: [leaks]\n", ["4:1: a tab"]),
        (HEAD + "checks: [leeks]\n", ["4:10: checks[0]: leeks is not known; did you mean leaks?"]),
        (HEAD + "checks: []\n", ["4:9: checks: has 0 entries"]),
        (HEAD, ["1:1: checks: is wanted"]),
        (HEAD + "checks: [leaks, gating, leaks]\n", ["4:25: checks[2]: leaks stands twice"]),
        (HEAD + "checks: [pace]\n", ["4:10: checks[0]: pace: there is none to keep"]),
        (GOOD + "seed: 1.5\n", ["5:7: seed: 1.5: a whole number"]),
        (GOOD + "seed: yes please\n", ["5:7: seed: yes please: a whole number"]),
        (GOOD + "seed: -1\n", ["5:7: seed: -1: at least 0"]),
        (GOOD + "fleet: {snr_db: .nan}\n", ["5:17: fleet.snr_db: nan: a number"]),
        (GOOD + "fleet: {households: true}\n", ["5:21: fleet.households: true: a whole number"]),
        (GOOD + "fleet: 3\n", ["5:8: fleet: 3: keys and values"]),
        (GOOD + "fleet: {}\nfleet: {}\n", ["6:1: fleet: stands twice; first in line 5"]),
        (GOOD + "loda: {}\nsede: 4\n", ["5:1: loda: unknown key; did you mean load?", "6:1: sede: unknown key"]),
        (GOOD + "faults: [{kind: delay, share: 2, amount: [9, 1]}]\n", ["5:31: faults[0].share: 2: at most 1"]),
        (GOOD + "faults: [{kind: delay, share: 1, amount: [9, 1]}]\n", ["5:42: faults[0].amount: [9, 1]: the smaller"]),
        (
            GOOD + "faults: [{kind: corrupt, share: 1, amount: [9, 1000]}]\n",
            ["5:44: faults[0].amount: 1000: at most 999"],
        ),
        (
            GOOD + "faults: [{kind: lose_receipt, share: 1, amount: [1, 2]}]\n",
            ["5:49: faults[0].amount: a fault of kind"],
        ),
        (GOOD + "fleet: {towns: ['Nowhere, ZZ']}\n", ["5:17: fleet.towns[0]: Nowhere, ZZ: no such town"]),
        (GOOD + "contract: strcit\n", ["5:11: contract: strcit: no such preset; did you mean strict?"]),
        (GOOD + "contract: not/there.yaml\n", ["5:11: contract: "]),
        (GOOD + "expect: {verdict: fial}\n", ["5:19: expect.verdict: fial is not known; did you mean fail?"]),
        (
            GOOD + "expect: {verdict: fail, finding: []}\n",
            ["5:25: expect.finding: unknown key; did you mean findings?"],
        ),
        (GOOD + "expect: {verdict: fail, findings: [home.lat]}\n", ["5:36: expect.findings[0]: home.lat is no field"]),
        (
            GOOD + "expect: {verdict: fail, checks: {gating: fail}}\n",
            ["5:42: expect.checks.gating: gating is not among"],
        ),
        (GOOD + "expect: {verdict: fail, outcomes: {lots: 1}}\n", ["5:42: expect.outcomes.lots"]),
        (GOOD + "expect: {verdict: fail, outcomes: {lost: many}}\n", ["5:42: expect.outcomes.lost: many: a number"]),
        (
            GOOD + "expect: {verdict: fail, counts: {leaks.homes: 1}}\n",
            ["5:47: expect.counts.leaks.homes: leaks.homes is no"],
        ),
        (
            GOOD + "thresholds: [gating.false_reject_share < 0.1]\n",
            ["5:14: thresholds[0]: gating.false_reject_share: gating"],
        ),
        (GOOD + "thresholds: [leaks.findings]\n", ["5:14: thresholds[0]: leaks.findings: a figure, a comparison"]),
        (GOOD + "about: ${who}\n", ["5:1: about: stands twice"]),
        (GOOD + "tags: ['${who}']\n", ["5:8: tags[0]: ${who} is no variable"]),
        (GOOD + "matrix: {sed: [1]}\n", ["5:10: matrix.sed: is no key of a scenario; did you mean seed?"]),
        (GOOD + "matrix: {seed: 1}\n", ["5:16: matrix.seed: 1: a list of values"]),
        (GOOD + "matrix: {seed: [1, x]}\n", ["5:20: seed: x: a whole number"]),
        (GOOD + "extends: nowhere\n", ["5:10: extends: nowhere: no such file"]),
        (GOOD + "extends: mine.yaml\n", ["5:10: extends: mine.yaml: it extends this file"]),
        (GOOD + "seed: [1, 2]\n", ["5:7: seed: a list: a whole number is wanted; several go into the matrix"]),
        (GOOD + "fleet: {households: ${n}}\n", ["5:21: fleet.households: ${n} is no variable"]),
        (GOOD + "expect:\n", ["5:1: expect: is empty"]),
        (GOOD + "expect: {verdict: pass\n", ["5:9: { is opened here and never closed"]),
        (GOOD + "tags: [a\n", ["5:7: [ is opened here and never closed"]),
        (GOOD + "seed 1\nbroker: auto\n", ["5:1: this line is no key"]),
        (GOOD + "target: nope.yaml\n", ["5:9: target: nope.yaml: no such file beside this one"]),
        (GOOD + "broker: mosqito\n", ["5:9: broker: mosqito: allowed: auto, mosquitto, amqtt"]),
        (GOOD + "fleet: {only: [H99-D1-001]}\n", ["5:16: fleet.only[0]: H99-D1-001: an utterance of this fleet"]),
        (GOOD + "faults: [{kind: drop, share: 0.1, cohort: dsl}]\n", ["5:43: faults[0].cohort: dsl: the fleet has no"]),
        (GOOD + "faults: [{kind: drop, share: 0.1, from: 3m, until: 2m}]\n", ["5:52: faults[0].until: is not after"]),
        (GOOD + "fleet: {accents: [en-ie]}\n", ["5:19: fleet.accents[0]: en-ie: no voice"]),
        (GOOD + "fleet: {mutes: {from: late, until: '06:00'}}\n", ["5:23: fleet.mutes.from: late: a time of day"]),
        (GOOD + "fleet: {days: 3, arrivals: {}}\n", ["5:15: fleet.days: days and arrivals both say"]),
        (
            GOOD + "thresholds: [{that: leaks.findings == 0, warmup: 3s}]\n",
            ["5:50: thresholds[0].warmup: leaks"],
        ),
        ("scenario: 3\nname: x\nabout: x\nchecks: [leaks]\n", ["1:11: scenario: 3: no version"]),
        (HEAD.replace("mine", "Bad Name") + "checks: [leaks]\n", ["2:7: name: Bad Name: small letters"]),
        (GOOD + "? [a, b]\n: 1\n", ["5:3: a key is a word"]),
        (GOOD + "--- \nx: 1\n", ["5:1: a second document begins here"]),
    ],
)
def test_each_fault_says_where_and_what(text: str, starts: list[str], tmp_path: Path) -> None:
    said = faults(tmp_path, text)
    assert len(said) == len(starts), said
    for line, start in zip(said, starts, strict=True):
        assert line.startswith(start), said


def test_types_meaning_and_contract_are_told_at_once(tmp_path: Path) -> None:
    text = (
        HEAD
        + "checks: [leaks, leaks]\ncontract: strcit\nfleeet: {}\nfleet: {households: two, towns: ['Nowhere, ZZ']}\n"
    )
    said = faults(tmp_path, text)
    assert [line.split(": ")[1] for line in said] == [
        "checks[1]",
        "contract",
        "fleeet",
        "fleet.households",
        "fleet.towns[0]",
    ]


ALL_AT_ONCE = """scenario: 2
nam: typo
about: x
fleet: {househoulds: 3, consent: 120%, cohorts: [{name: a, share: 0.5, chldren: 0.1}, {name: b, share: 0.6}]}
timeline: [{at: soon, do: gateway_kill}, {at: 2m, do: link, latency: 30}, {at: 3m, do: mute, household: H99}]
faults: [{kind: dropp, share: 2}, {kind: drop, share: 0.1, from: 3m, until: 2m}]
thresholds: ["gating.false_reject_share < 5", {that: load.p95_ms < 5, warmup: ten}]
expect: {verdict: maybe, counts: {leaks.househoulds: 2}}
checks: [leeks, gating, load, gating]
"""


def test_one_fault_hides_no_other(tmp_path: Path) -> None:
    told = [line.split(": ")[1] for line in faults(tmp_path, ALL_AT_ONCE)]
    assert told == [
        "name",
        "nam",
        "fleet.househoulds",
        "fleet.consent",
        "fleet.cohorts",
        "fleet.cohorts[0].chldren",
        "timeline[0].at",
        "timeline[1].latency",
        "timeline[2].household",
        "faults[0].kind",
        "faults[0].share",
        "faults[1].until",
        "thresholds[0]",
        "thresholds[1].warmup",
        "expect.verdict",
        "expect.counts.leaks.househoulds",
        "checks[0]",
        "checks[3]",
    ]


def test_faults_of_a_matrix_its_cells_and_variables_are_told_at_once(tmp_path: Path) -> None:
    text = (
        GOOD + "matrix: {seed: [1, 1], contract: [strict, strickt], load: []}\n"
        "cells: [{when: {seed: 3}}, {when: {sed: 1}}]\nvariables: {n: three}\n"
        "fleet: {households: '${n}', towns: ['${m}']}\n"
    )
    told = [line.split(": ")[1] for line in faults(tmp_path, text)]
    wanted = ["matrix.seed[1]", "contract", "matrix.load", "cells[0].when.seed", "cells[1].when.sed"]
    assert told == [*wanted, "fleet.households", "fleet.towns[0]"]


def test_what_keys_written_in_place_do_to_a_preset_is_told_at_the_scenario(tmp_path: Path) -> None:
    (told,) = faults(tmp_path, GOOD + "contract: {extends: strict, gate: {admit: [button]}}\n")
    assert told.startswith("5:11: contract.gate.verify: there is no wake word to verify")
    spurious = faults(tmp_path, GOOD + "contract: {extends: strict, redact: {transcript: {mask: [persons]}}}\n")
    assert [line.split(": ")[1] for line in spurious] == ["redact.transcript.mask[0]"]


def test_a_variable_that_no_file_has_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "variables: {homes: 3}\nfleet: {households: '${homes}'}\n")
    assert prepare([path], variables={"homes": 4})[0].scenario.fleet.households == 4
    with pytest.raises(BadFile, match="--var hmes: no variable of these files"):
        prepare([path], variables={"hmes": 4})


def test_what_the_fleet_says_of_homes_counts_for_cohorts(tmp_path: Path) -> None:
    text = GOOD + (
        "fleet: {ring_ms: 900, arrivals: {per_day: 30}, hostile: [endless], cohorts: ["
        "{name: a, households: 1, ring_ms: 0}, {name: b, households: 2, utterances_per_device: 2}]}\n"
    )
    (first, _), (second, _) = prepare([write(tmp_path, text)])[0].scenario.fleet.parts
    assert (first.ring_ms, second.ring_ms) == (0, 900)
    assert first.arrivals is not None
    assert first.arrivals.per_day == 30
    assert (second.arrivals, second.utterances_per_device, second.hostile) == (None, 2, ())


def test_faults_of_several_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD + "sed: 1\n", "a.yaml")
    write(tmp_path, GOOD + "lod: 1\n", "b.yaml")
    with pytest.raises(BadFiles) as caught:
        prepare([tmp_path])
    assert [Path(fault.place.file).name for fault in caught.value.faults] == ["a.yaml", "b.yaml"]


def test_paths_resolve_beside_the_file_that_names_them(tmp_path: Path) -> None:
    write(tmp_path, "extends: strict\nname: mine\nreview: {retention: 90d}\n", "contracts/mine.yaml")
    run = prepare([write(tmp_path, GOOD + "contract: ../contracts/mine.yaml\n", "here/mine.yaml")])[0]
    assert (run.contract.name, run.contract.review.retention_days) == ("mine", 90)
    assert run.contract.gate.admit == ("wake_word", "button")


def test_a_contract_in_place_extends_a_preset(tmp_path: Path) -> None:
    text = GOOD + "contract: {extends: strict, gate: {children: drop}, review: {retention: 6h}}\n"
    assert "whole days" in faults(tmp_path, text)[0]
    run = prepare([write(tmp_path, text.replace("6h", "91d"))])[0]
    assert (run.contract.name, run.contract.gate.children) == ("strict-changed", "drop")
    wrong = faults(tmp_path, text.replace("6h", "1d"))
    # A preset is nobody's to mend: the place is the scenario's.
    assert wrong[0].startswith("5:11: contract.redact.pseudonyms.lifetime_days")
    assert "lifetime_days: longer than review.retention_days" in wrong[0]


def test_a_scenario_extends_another_deeply(tmp_path: Path) -> None:
    write(tmp_path, GOOD + "seed: 4\nfleet: {households: 3, snr_db: 10}\n", "base.yaml")
    run = prepare([write(tmp_path, "extends: base\nname: child\nfleet: {households: 5}\n")])[0]
    assert (run.name, run.scenario.seed, run.scenario.fleet.households, run.scenario.fleet.snr_db) == (
        "child",
        4,
        5,
        10,
    )
    said = faults(tmp_path, "extends: base\nname: child\nfleet: {snr_db: loud}\n")
    assert said[0].startswith("3:17: fleet.snr_db: loud")


@pytest.mark.parametrize(
    ("base", "says"),
    [
        (None, "1:10: extends: base: no such file"),
        ("fleet: [1\n", "[ is opened here and never closed"),
        ("extends: elsewhere\n", "1:10: extends: elsewhere: no such file"),
    ],
)
def test_what_cannot_be_extended_hides_no_other_fault(tmp_path: Path, base: str | None, says: str) -> None:
    if base is not None:
        write(tmp_path, base, "base.yaml")
    own = (
        "extends: base\nseed: loud\nfleet: {hauseholds: 3, snr_db: ${snr}, hears: [{}]}\nmatrix: {sed: [1]}\n"
        "timeline: [{at: 1m, do: gateway_kil}]\ntarget: nope.yaml\ncontract: strcit\ncells: [{when: {broker: amqtt}}]\n"
    )
    said = faults(tmp_path, own)
    assert any(says in each for each in said)
    told = [each.partition(": ")[0] for each in said if "mine.yaml" in each or each[0].isdigit()]
    lines = sorted({int(each.rpartition(":")[0].rpartition(":")[2]) for each in told} - {1})
    assert lines == [2, 3, 4, 5, 6, 7], said  # not `name`, `about`, the variable or the cell: the base may have them
    assert not any("${snr}" in each or "is wanted, and is not there" in each for each in said)


def test_a_fault_of_what_extends_a_right_file_names_who_makes_it(tmp_path: Path) -> None:
    base = write(tmp_path, GOOD + "expect: {verdict: pass, checks: {leaks: pass}}\n", "base.yaml")
    child = write(tmp_path, "extends: base\nname: child\nchecks: [gating]\n", "child.yaml")
    with pytest.raises(BadFile) as caught:
        prepare([base, child])
    (said,) = str(caught.value).splitlines()
    assert said.startswith(f"{base}:5:")
    assert said.endswith(f"(in {child}, which extends it)")
    write(tmp_path, GOOD + "seed: loud\n", "base.yaml")
    with pytest.raises(BadFile) as caught:
        prepare([base, child])  # the file's own fault is told once
    (said,) = str(caught.value).splitlines()
    assert said == f"{base}:5:7: seed: loud: a whole number is wanted"
    with pytest.raises(BadFile) as caught:
        prepare([child])
    assert str(caught.value).endswith(f"(in {child}, which extends it)")


@pytest.mark.parametrize("wrong", ["extends: stricct", "extends: strict\nreview: {retention: 6 moons}"])
def test_what_a_contract_cannot_extend_hides_no_other_fault(tmp_path: Path, wrong: str) -> None:
    write(tmp_path, f"{wrong}\nname: c\ngate: {{admitt: [button], children: eat}}\n", "c.yaml")
    said = faults(tmp_path, GOOD + "contract: ./c.yaml\n")
    assert len(said) == 3, said
    assert sum("gate." in each for each in said) == 2


def test_a_circle_of_files_is_refused(tmp_path: Path) -> None:
    assert "extends this file" in faults(tmp_path, "extends: mine\n")[0]


def test_a_matrix_names_its_cells_and_each_has_its_own_expectations(tmp_path: Path) -> None:
    text = GOOD + (
        "variables: {homes: 3}\nfleet: {households: '${homes}'}\n"
        "matrix: {seed: [1, 2], contract: [strict, amazon-2019-after]}\n"
        "cells:\n- when: {contract: amazon-2019-after}\n  expect: {verdict: fail, findings: [devices.serial]}\n"
    )
    runs = prepare([write(tmp_path, text)])
    assert [run.name for run in runs] == [
        "mine-seed-1-strict",
        "mine-seed-1-amazon-2019-after",
        "mine-seed-2-strict",
        "mine-seed-2-amazon-2019-after",
    ]
    assert [run.scenario.expect is not None for run in runs] == [False, True, False, True]
    assert {run.scenario.fleet.households for run in runs} == {3}
    assert prepare([tmp_path / "mine.yaml"], variables={"homes": 9})[0].scenario.fleet.households == 9
    assert len(prepare([tmp_path / "mine.yaml"], seed=5)) == 2


def test_contracts_beside_scenarios_are_no_scenarios(tmp_path: Path) -> None:
    write(tmp_path, "extends: strict\ncontract: 1\nname: c\n", "c.yaml")
    write(tmp_path, GOOD)
    assert [run.name for run in prepare([tmp_path])] == ["mine"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    (
                        "fleet",
                        "seed",
                        "checks",
                        "faults",
                        "load",
                        "expect",
                        "matrix",
                        "contract",
                        "x",
                        "cells",
                        "extends",
                    )
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_stands_there_is_a_fault_and_never_a_crash(tmp_path_factory: Any, data: object) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(
        json.dumps(
            {"scenario": 2, "name": "x", "about": "y", "checks": ["leaks"]} | (data if isinstance(data, dict) else {})
        )
    )
    try:
        prepare_file(path)
    except BadFile as error:
        assert "Traceback" not in str(error)


@given(st.text(max_size=60))
def test_any_text_is_a_document_or_a_fault(text: str) -> None:
    try:
        parse_document(text, "any")
    except BadFiles as error:
        assert all(fault.place.line >= 1 for fault in error.faults)


def test_a_byte_that_is_no_text_is_told_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(GOOD.encode() + "tags: [caf\xe9]\n".encode("latin1"))
    with pytest.raises(BadFile, match=r"mine\.yaml:5:11: byte 0xe9: not UTF-8 text"):
        prepare([path])


def test_a_variable_needs_no_quotes_between_braces(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "variables: {n: 3}\nfleet: {households: ${n}}\n")
    (run,) = prepare([path])
    assert run.scenario.fleet.households == 3


def test_recordings_lie_beside_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "suite" / "voices" / "wake").mkdir(parents=True)
    (tmp_path / "suite" / "voices" / "wake" / "a.wav").write_bytes(b"")
    write(tmp_path, GOOD + "fleet: {recordings: voices}\n", "suite/base.yaml")
    path = write(tmp_path, "scenario: 2\nextends: suite/base.yaml\n")
    assert prepare_file(path)[0].scenario.fleet.recordings == str(tmp_path / "suite" / "voices")


def test_a_folder_without_recordings_is_told(tmp_path: Path) -> None:
    told = faults(tmp_path, GOOD + "fleet: {recordings: voices}\n")
    assert len(told) == 1
    assert told[0].startswith("5:21: fleet.recordings: voices: no recordings in wake/ or other/")
