"""What a report says of files at rest: which were searched, and which were not."""

from pathlib import Path

from scenarios.own_system.looking import _places


def test_at_rest_says_what_it_searched_and_what_it_did_not(tmp_path: Path) -> None:
    full, empty = tmp_path / "a.json", tmp_path / "b.json"
    full.write_text("{}")
    empty.write_text("")
    said = _places({"data": [full, empty]}, [full])
    assert said.startswith("searched: data (2 files, 1 of them empty), logs of the parts that were started (1 files);")
    assert "not searched: everything that `files` of the target does not name" in said
    assert _places({}, []).startswith("searched: nothing;")
