"""Commands that start one part pass their options on."""

import pytest

from gateway.files import BadFile
from scenarios.command_line import parts


@pytest.mark.parametrize("given", [["serve", "--jobs", "2"], []])
def test_options_are_those_of_the_part(given: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(parts, "_become", lambda module, args: started.append((module, args)))
    parts.leaks_command(_Context(given))  # type: ignore[arg-type]
    assert started == [("scenarios.leaks.service", given[1:] if given else ["--help"])]


def test_an_unknown_part_is_one_line() -> None:
    with pytest.raises(BadFile, match="allowed: serve"):
        parts.leaks_command(_Context(["swim"]))  # type: ignore[arg-type]


class _Context:
    def __init__(self, args: list[str]) -> None:
        self.args = args
