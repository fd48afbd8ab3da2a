"""Places in JSON: any path of any document is found where its value or key stands."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.json_faults import _places

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


def paths(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    entries: list[tuple[str | int, Any]] = []
    if isinstance(data, dict):
        entries = list(data.items())
    elif isinstance(data, list):
        entries = list(enumerate(data))
    return [path, *(found for key, each in entries for found in paths(each, (*path, key)))]


@given(DOCUMENTS, st.sampled_from([None, 1, "\t"]))
def test_every_path_stands_where_it_is_said_to_stand(data: Any, indent: Any) -> None:
    text = json.dumps(data, indent=indent)
    wanted = set(paths(data))
    found = _places(text, wanted)
    assert set(found) == wanted
    for path, at in found.items():
        here, _ = json.JSONDecoder().raw_decode(text, at)
        if path and isinstance(path[-1], str):
            assert here == path[-1]
        else:
            value = data
            for part in path:
                value = value[part]
            assert here == value


@given(st.text())
def test_text_that_is_no_json_breaks_nothing(text: str) -> None:
    assert () in _places(text, {("a", 0)})
