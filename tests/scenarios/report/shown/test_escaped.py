"""Hostile names and contents never reach a terminal, SARIF or a page raw."""

import io
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from scenarios.report.sarif import sarif
from scenarios.report.shown.escaped import for_html, for_sarif, for_terminal, visible
from scenarios.verdict import Where
from tests.scenarios.world import finding

HOSTILE = st.text(alphabet=st.characters(codec=None), max_size=40) | st.sampled_from(
    [
        "a[/b]",
        "[red]",
        "\x1b[31mred",
        "\x9b31m",
        "a\rb",
        "\u202egpj.exe",
        "<script>",
        '" onload="x',
        "{0}",
        "[a](1)",
        "\udcff",
    ]
)
ACTIVE = {*map(chr, (*range(32), *range(127, 160))), "\u202e", "\u2066", "\u2028"}


def printed(text: str) -> str:
    shown = io.StringIO()
    console = Console(file=shown, highlight=False, soft_wrap=True, width=200)
    table = Table()
    table.add_column("where", overflow="fold")
    table.add_row(for_terminal(text))
    console.print(table)
    console.print(for_terminal(text))
    return shown.getvalue().replace("\n", "")


@given(HOSTILE)
def test_nothing_active_reaches_a_terminal(text: str) -> None:
    assert not ACTIVE & set(printed(text))
    printed(text).encode()


@given(HOSTILE)
def test_a_page_shows_it_and_does_nothing(text: str) -> None:
    seen = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
            seen.append((tag, [name for name, _ in attrs]))

    Reader().feed(f'<p title="{for_html(text)}">{for_html(text)}</p>')
    assert seen == [("p", ["title"])]


@given(HOSTILE)
def test_sarif_holds_no_link_no_gap_and_no_control_character(text: str) -> None:
    shown = sarif([finding(where=Where(kind="file", name=text), masked_evidence=text, reproduce=text)])
    assert not ACTIVE - {"\n"} & set(shown.decode())
    assert not ACTIVE & set("".join(every_string(json.loads(shown))))
    message = for_sarif(text)
    assert "[" not in message.replace("\\\\", "").replace("\\[", "")


def every_string(value: str | dict[str, Any] | list[dict[str, Any]]) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from every_string(each)
    elif isinstance(value, list):
        for each in value:
            yield from every_string(each)


@given(HOSTILE)
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    assert visible("".join(c for c in text if c.isalnum())) == "".join(c for c in text if c.isalnum())
    assert visible(visible(text)) == visible(text)
