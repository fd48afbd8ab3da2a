"""pytest: `no_leaks(response)` and the detector behind it, for tests of anyone's application.

    pytest --earlid-identities identities.json      or, in pytest's ini file:  earlid_identities = identities.json

Scenario files are tests, too, where a folder or a file of them is named: `pytest suites/ -k incident -n 2`. Each cell
of a matrix is one test, its tags are marks, its reports land in --earlid-out.

Costs a run nothing that does not ask for its fixtures.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # a run that does not ask for it does not load the detector
    from scenarios.leaks.detector import LeakDetector
    from scenarios.model.suite_files import Prepared

_SCENARIO = re.compile(r"^scenario:\s*[12]\b", re.MULTILINE)
NoLeaks = Callable[..., None]
_SEARCHED = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    wanted = "who must not be found: an identities.json of test accounts (`earlid schema identities`)"
    parser.getgroup("earlid").addoption("--earlid-identities", metavar="FILE", help=wanted)
    where = "folder for the reports of scenarios (out/pytest)"
    parser.getgroup("earlid").addoption("--earlid-out", metavar="DIR", default="out/pytest", help=where)
    parser.addini("earlid_identities", f"{wanted}; relative to the ini file")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ScenarioFile | None":
    """Scenario files below what the command line names; nothing of `testpaths`, nothing else that is YAML."""
    if file_path.suffix not in (".yaml", ".yml") or parent.config.args_source is not pytest.Config.ArgsSource.ARGS:
        return None
    try:
        head = file_path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    if _SCENARIO.search(head) is None:
        return None
    return ScenarioFile.from_parent(parent, path=file_path)


class ScenarioFile(pytest.File):
    """One test a run of the file."""

    def collect(self) -> "Iterator[ScenarioTest]":
        from gateway.files import BadFile
        from scenarios.model.suite_files import prepare_file

        try:
            runs = prepare_file(self.path)
        except BadFile as error:
            raise self.CollectError(str(error)) from None
        for run in runs:
            item = ScenarioTest.from_parent(self, name=run.name)
            item.run = run
            for tag in run.scenario.tags:
                mark = tag.replace("-", "_")
                self.config.addinivalue_line("markers", f"{mark}: a tag of a scenario")
                item.add_marker(mark)
            yield item


class ScenarioTest(pytest.Item):
    """Runs end to end; fails unless all came out as the scenario wants it."""

    run: "Prepared"

    def runtest(self) -> None:
        from scenarios.report.published.written import write_reports
        from scenarios.run.progress import Narrator
        from scenarios.run.scenario_run import Options, run_scenario
        from scenarios.verdict import Outcome

        out = Path(self.config.getoption("--earlid-out")) / self.run.name
        done = run_scenario(self.run, out=out, options=Options(), narrator=Narrator(quiet=True))
        write_reports(done.result, [done.result], done.detector)
        result = done.result
        self.user_properties += [("contract", result.contract.name), ("verdict", result.outcome.value)]
        self.add_report_section("call", "earlid", f"{result.headline}\nreport: {out / 'report.html'}")
        if result.final is not Outcome.PASS:
            lines = [result.headline, *result.unmet]
            lines += [f"{v.outcome.value} {v.check}: {v.why}" for v in result.verdicts if v.outcome is not Outcome.PASS]
            raise ScenarioFailed("\n".join([*lines, f"report: {out / 'report.html'}", f"again: {result.command}"]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:  # noqa: ARG002
        return str(excinfo.value) or excinfo.typename

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name


class ScenarioFailed(Exception):
    """What did not come out as wanted, a line each."""


@pytest.fixture(scope="session")
def leak_detector(pytestconfig: pytest.Config) -> "LeakDetector":
    """Knows everybody in the identities file; `leak_detector.scan(response)` gives findings."""
    from gateway.files import BadFile
    from scenarios.leaks.searchable import open_searchable
    from scenarios.report.shown.covered import block

    try:
        detector = open_searchable(_identities(pytestconfig)).detector()
    except BadFile as error:
        pytest.fail(str(error), pytrace=False)
    pytestconfig.stash[_SEARCHED] = block(detector.fields, detector.left_out, ())
    return detector


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    """What the fixtures looked for, and what they left out."""
    for line in config.stash.get(_SEARCHED, []):
        terminalreporter.write_line(f"earlid {line}")


@pytest.fixture
def no_leaks(leak_detector: "LeakDetector") -> Iterator[NoLeaks]:
    """`no_leaks(response, name="")` fails when an identity stands in it, or when it was not searched to the end.

    A test that asks for it and never calls it fails, too: nothing was searched.
    """
    from scenarios.leaks.haystack import haystack_of
    from scenarios.report.shown.escaped import visible
    from scenarios.report.shown.labels import Labels

    asked, labels = 0, Labels()

    def check(response: object, name: str = "") -> None:
        nonlocal asked
        asked += 1
        __tracebackhide__ = True
        searched = leak_detector.search(haystack_of(response, masked=leak_detector.masked, name=name))
        lines = [
            f"{found.field} of {found.household_id} in {found.where.kind} {visible(found.where.name)} "
            f"({' > '.join(found.how)}): {found.masked_evidence}"
            for found in map(labels.on, searched.findings)
        ]
        lines += [f"not searched to the end: {note}" for note in searched.notes]
        if lines:
            pytest.fail("\n".join(lines), pytrace=False)

    yield check
    if not asked:
        pytest.fail("no_leaks was asked for and never called: nothing was searched", pytrace=False)


def _identities(config: pytest.Config) -> Path:
    given = config.getoption("--earlid-identities")
    if given:
        return Path(given)
    named = config.getini("earlid_identities")
    if not named:
        pytest.fail("--earlid-identities FILE: wanted; or earlid_identities in pytest's ini file", pytrace=False)
    return (config.inipath.parent if config.inipath else config.rootpath) / str(named)
