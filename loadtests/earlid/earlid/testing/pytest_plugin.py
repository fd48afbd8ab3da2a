"""pytest's way to Earlid's fixtures. A project may have a package `scenarios` or `gateway` of its own.

Without one, this is `scenarios.pytest_plugin`. With one, Earlid's packages cannot be imported beside it. Then a search
process searches for `no_leaks`, and the rest of that plugin is not there.
"""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import earlid
from earlid.client import SearchClient, SearchLost
from earlid.exchange import Exchange, header_lines
from earlid.process import start_search
from earlid.testing.answers import answers_of, is_text, raw

_PACKAGES = ("scenarios", "gateway", "simulator")
NoLeaks = Callable[..., None]


def in_the_way(folder: Path, found: Callable[[str], Any] = importlib.util.find_spec) -> str:
    """The first name of a package of Earlid's that belongs to the project in `folder`; empty when there is none.

    It may not be importable yet: pytest lets tests import from their own folder later.
    """
    here = Path(earlid.__file__).resolve()
    homes = {here.parents[1], here.parents[3]}  # installed, or a checkout
    for name in _PACKAGES:
        spec = found(name)
        beside = [place / form for place in (folder, folder / "src") for form in (name, f"{name}.py")]
        origins = [Path(spec.origin).resolve().parents[1]] if spec is not None and spec.origin else [folder / "none"]
        origins += [path.resolve().parent for path in beside if path.exists()]
        if not homes.issuperset(origins):
            return name
    return ""


def exchange_of_any(response: Any, name: str = "") -> Exchange:
    """Text, bytes, or a response of an HTTP client or test client. Raises TypeError: nothing of it is known."""
    if is_text(response):
        return Exchange(name=name, status=200, bodies=(("response_body", raw(response)),))
    *hops, last = answers = answers_of(response)
    head = [(("status_line", f"{each.status} {each.reason}"), *header_lines(each.headers)) for each in answers]
    return Exchange(
        method=last.method,
        name=name or last.url,
        status=last.status,
        urls=[each.url for each in answers if each.url],
        head=[line for lines in head for line in lines],
        bodies=[*(("redirect_body", hop.body) for hop in hops), ("response_body", last.body)],
    )


_OTHER = in_the_way(Path.cwd())

if not _OTHER:
    from scenarios.pytest_plugin import *  # noqa: F403
else:

    def pytest_addoption(parser: pytest.Parser) -> None:
        wanted = "who must not be found: an identities.json of test accounts (`earlid schema identities`)"
        parser.getgroup("earlid").addoption("--earlid-identities", metavar="FILE", help=wanted)
        parser.addini("earlid_identities", f"{wanted}; relative to the ini file")

    @pytest.fixture(scope="session")
    def leak_detector() -> None:
        pytest.fail(f"leak_detector: not here, a package `{_OTHER}` of this project is in its way", pytrace=False)

    @pytest.fixture(scope="session")
    def _earlid_search(pytestconfig: pytest.Config) -> Iterator[SearchClient]:
        given, named = pytestconfig.getoption("--earlid-identities"), pytestconfig.getini("earlid_identities")
        if not given and not named:
            pytest.fail("--earlid-identities FILE: wanted; or earlid_identities in pytest's ini file", pytrace=False)
        folder = pytestconfig.inipath.parent if pytestconfig.inipath else pytestconfig.rootpath
        try:
            search = start_search(Path(given) if given else folder / str(named), ["--jobs", "1", "--role", "test"])
        except SearchLost as error:
            pytest.fail(str(error), pytrace=False)
        with search:
            yield SearchClient(search.address)

    @pytest.fixture
    def no_leaks(_earlid_search: SearchClient) -> Iterator[NoLeaks]:
        """As `no_leaks` of `scenarios.pytest_plugin`, from a search process."""
        asked = 0

        def check(response: object, name: str = "") -> None:
            nonlocal asked
            asked += 1
            __tracebackhide__ = True
            told = _earlid_search.search(exchange_of_any(response, name))
            lines = [
                f"{found['field']} of {found['household_id']} in {found['where']['kind']} {found['where']['name']} "
                f"({' > '.join(found['how'])}): {found['masked_evidence']}"
                for found in told["findings"]
            ]
            lines += [f"not searched to the end: {note}" for note in told["notes"]]
            if lines:
                pytest.fail("\n".join(lines), pytrace=False)

        yield check
        if not asked:
            pytest.fail("no_leaks was asked for and never called: nothing was searched", pytrace=False)
