"""`earlid check`: what a scenario will do, in sentences."""

from pathlib import Path

import pytest

from scenarios.commands.check import forecast, lines
from scenarios.model.suite_files import prepare_file

TEXT = "scenario: 2\nname: mine\nabout: x\nfleet: {households: 1}\ntimeline: [{at: 2s, do: reviewer_revoked}]\n"


@pytest.mark.parametrize(("checks", "noted"), [("access, coverage", True), ("access", False)])
def test_coverage_with_a_reviewer_who_is_taken_away_is_noted(tmp_path: Path, checks: str, noted: bool) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(TEXT + f"checks: [{checks}]\n")
    told = "\n".join(lines(prepare_file(file)))
    assert ("Note: a reviewer who is taken away" in told) is noted


PACED = "scenario: 2\nname: mine\nabout: x\nfleet: {households: 1}\nwire: {pace: 20}\nchecks: [conservation]\n"


def test_a_late_event_takes_its_time_at_the_runs_pace(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(PACED + "timeline: [{at: 20h, do: gateway_restart}]\n")
    assert forecast(prepare_file(file)[0]).seconds > 20 * 3_600 / 20


def test_what_happens_after_the_fleet_takes_no_time_of_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(PACED)
    without = forecast(prepare_file(file)[0]).seconds
    file.write_text(PACED.replace("[conservation]", "[access]") + "timeline: [{at: 20h, do: reviewer_revoked}]\n")
    assert forecast(prepare_file(file)[0]).seconds == without


TOLD = """scenario: 2
name: told
about: x
fleet:
  consent: 1.0
  mutes: {from: "22:00", until: "07:00"}
  buttons: 1.0
  cohorts: [{name: pilot, households: 1, skew_ms: 3000}]
timeline: [{at: 90s, do: clock_step, by: -5m, cohort: pilot}, {at: 12h, do: household_forgotten, household: H01}]
expect: {verdict: pass, outcomes: {lost: 0}, counts: {leaks.findings: 0}}
checks: [leaks, gating]
"""


def test_what_is_meant_can_be_read_back(tmp_path: Path) -> None:
    file = tmp_path / "told.yaml"
    file.write_text(TOLD)
    told = "\n".join(lines(prepare_file(file)))
    for wanted in (
        "1 household with",
        "all have agreed to review",
        "Cohort pilot: 1 of them (skew_ms 3000).",
        "Cohort pilot: Microphones are off from 22:00 to 07:00.",
        "After 1.5 minutes of simulated time the clocks of cohort pilot jump 5 minutes back.",
        "After 12 hours of simulated time H01 is forgotten. Nobody speaks after that.",
        "Expected: PASS; utterances lost: 0; leaks.findings: 0.",
        "Note: nothing is said of this kind: requests with the wake word",
    ):
        assert wanted in told
