"""The page of reported facts names all nineteen, and only files that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "scenarios" / "docs" / "source-facts.md").read_text(encoding="utf-8")


def test_every_fact_has_a_row() -> None:
    assert re.findall(r"^\| (S\d+) \|", PAGE, re.M) == [f"S{number}" for number in range(1, 20)]


def test_every_file_that_a_row_names_exists() -> None:
    named = [path for path in re.findall(r"`([\w./-]+)`", PAGE) if "/" in path]
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []
