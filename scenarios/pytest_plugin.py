"""pytest: `no_leaks(response)` and the detector behind it, for tests of anyone's application.

    pytest --earlid-identities identities.json      or, in pytest's ini file:  earlid_identities = identities.json

Costs a run nothing that does not ask for its fixtures.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # a run that does not ask for it does not load the detector
    from scenarios.leaks.detector import LeakDetector

NoLeaks = Callable[..., None]
_SEARCHED = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    wanted = "who must not be found: an identities.json of test accounts (`earlid schema identities`)"
    parser.getgroup("earlid").addoption("--earlid-identities", metavar="FILE", help=wanted)
    parser.addini("earlid_identities", f"{wanted}; relative to the ini file")


@pytest.fixture(scope="session")
def leak_detector(pytestconfig: pytest.Config) -> "LeakDetector":
    """Knows everybody in the identities file; `leak_detector.scan(response)` gives findings."""
    from gateway.files import BadFile
    from scenarios.leaks.detector import LeakDetector
    from scenarios.leaks.searchable import load_searchable
    from scenarios.report.shown.covered import block

    try:
        detector = LeakDetector(load_searchable(_identities(pytestconfig)))
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
