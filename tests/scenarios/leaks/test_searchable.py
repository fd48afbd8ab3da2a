"""A file that names nobody is refused before anything is searched."""

from pathlib import Path

import pytest

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.leaks.searchable import load_searchable


@pytest.mark.parametrize(
    "households", ["[]", '[{"household_id": "A"}]', '[{"household_id": "A", "home": {"city": "Ashland"}}]']
)
def test_nobody_to_look_for(tmp_path: Path, households: str) -> None:
    path = tmp_path / "ids.json"
    path.write_text(f'{{"schema": 1, "households": {households}}}')
    with pytest.raises(BadFile, match="nothing that could be looked for"):
        load_searchable(path)


def test_somebody(tmp_path: Path, known: Identities) -> None:
    path = tmp_path / "ids.json"
    path.write_bytes(known.to_json())
    assert load_searchable(path) == known
