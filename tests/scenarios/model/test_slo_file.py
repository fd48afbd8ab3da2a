"""slo.yaml: every fault with its place, and what the Locust processes get."""

from pathlib import Path

import pytest
from earlid.load.slo import objectives

from gateway.files import BadFile
from scenarios.model.slo_file import load_slo, told

GOOD = """slo: 1
warmup: 2
objectives:
  - {name: pages, method: GET, route: "/clips/{ref}", expect: ["p(95) < 300 ms"], abort: true, delay: 3}
  - expect: [leaks == 0]
"""


def _loads(tmp_path: Path, text: str):  # type: ignore[no-untyped-def]
    path = tmp_path / "slo.yaml"
    path.write_text(text)
    return load_slo(path)


def test_what_the_processes_get_is_what_stands_there(tmp_path: Path) -> None:
    plain = told(_loads(tmp_path, GOOD))
    pages, every = objectives(plain["objectives"])
    assert (pages.name, pages.delay_s, pages.abort, pages.route) == ("pages", 3.0, True, "/clips/{ref}")
    assert (every.expect[0].metric, plain["warmup_s"]) == ("leaks", 2.0)
    assert told(None) == {"warmup_s": 0.0, "objectives": []}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("p(95) <", "p95 <"), r"slo.yaml:4:\d+: objectives\[0\].expect\[0\]: .*allowed: METRIC"),
        (GOOD.replace("warmup", "warm"), "warm"),
        (GOOD.replace("slo: 1", "slo: 7"), "slo"),
        ("slo: 1\nobjectives: []\n", "objectives"),
        ("", "empty"),
    ],
)
def test_a_fault_says_where_it_stands(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        _loads(tmp_path, text)
