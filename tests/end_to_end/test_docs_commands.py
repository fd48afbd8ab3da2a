"""Every `earlid ...` line of the documentation names a command that exists, with options that it has."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from gateway.__main__ import app as gateway_app
from scenarios.cli import PASSED_ON
from scenarios.cli import app as earlid_app
from scenarios.leaks.service.__main__ import app as service_app
from simulator.__main__ import app as simulator_app

ROOT = Path(__file__).parents[2]
PAGES = [page for page in ROOT.rglob("*.md") if not {".venv", "out"} & set(page.relative_to(ROOT).parts)]
LOCUST = "locust"  # its options are locust's


def lines_of(text: str) -> list[str]:
    """Command lines in code blocks and in `inline code`, without comments; continued lines are joined."""
    joined = text.replace("\\\n", " ")
    blocks = re.findall(r"^```\w*\n(.*?)^```", joined, re.MULTILINE | re.DOTALL)
    fenced = [line for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`(earlid [^`]+)`", re.sub(r"^```.*?^```", "", joined, flags=re.MULTILINE | re.DOTALL))
    return [
        part.strip()
        for line in (*fenced, *inline)
        for part in re.findall(r"(?:^|\$ |[;&|] |bin/|=\S* )(earlid [a-z][^#;&|>]*)", re.sub(r"\s+", " ", line))
    ]


def fault_of(line: str) -> str | None:
    """What is wrong with a command line; None if nothing is. Alternatives such as `show|check` are cut off."""
    words = [word for word in shlex.split(re.sub(r"[\[\]]", " ", line))[1:] if word != "..."]
    known = _options(words)
    if known is None:
        return f"no such command: {line}"
    wrong = [word for word in words if re.match(r"--[a-z]", word) and word.split("=")[0] not in known]
    return f"{', '.join(wrong)}: not options of: {line}" if wrong and words[0] != LOCUST else None


def _options(words: list[str]) -> set[str] | None:
    """The options of the command that the words begin with; None if there is none."""
    passed_on = {name for name, _command, _about in PASSED_ON} - {LOCUST}
    other = {"simulate": (simulator_app, words[1:]), "leaks": (service_app, [])}
    app, path = other.get(words[0], (gateway_app, words)) if words[0] in passed_on else (earlid_app, words)
    command = typer.main.get_command(app)
    context = typer.Context(command)
    for word in path:
        if not isinstance(command, TyperGroup) or word.startswith("-"):
            break
        found = command.get_command(context, word)
        if found is None:
            return None
        command, context = found, typer.Context(found, parent=context)
    return {name for each in command.get_params(context) for name in (*each.opts, *each.secondary_opts)}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_command_and_option_in_the_documentation_exists(page: Path) -> None:
    lines = lines_of(page.read_text(encoding="utf-8"))
    assert [fault for line in lines if (fault := fault_of(line))] == []


def test_lines_are_found_in_blocks_and_in_sentences() -> None:
    page = "text `earlid run --jobs 2` and\n```\nmkdir x && earlid scan --identities a.json log  # why\n```\n"
    assert lines_of(page) == ["earlid scan --identities a.json log", "earlid run --jobs 2"]
    assert len([line for page in PAGES for line in lines_of(page.read_text(encoding="utf-8"))]) > 80


@pytest.mark.parametrize("line", ["earlid rum", "earlid run --sed 3", "earlid custody burn", "earlid vault --oops"])
def test_a_command_or_an_option_that_is_gone_is_told(line: str) -> None:
    assert fault_of(line)


READMES = [ROOT / name / "README.md" for name in ("", "simulator", "gateway", "scenarios", "loadtests")]


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.parent.name)
def test_readmes_are_short(page: Path) -> None:
    """The first page that a newcomer reads has at most 150 lines of 110 characters, a folder's map 120 lines."""
    lines = page.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= (150 if page.parent == ROOT else 120)
    assert page.parent != ROOT or [line for line in lines if len(line) > 110] == []
