"""Follows a declared path into a record: keys and list indexes with points between (`clip.files.0`)."""

from typing import Any

MISSING = object()


def at(data: Any, path: str) -> Any:
    """The value at a path, or `MISSING`. A key that contains points is found too."""
    if isinstance(data, dict) and path in data:
        return data[path]
    here = data
    for part in path.split("."):
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and part.isdigit() and int(part) < len(here):
            here = here[int(part)]
        else:
            return MISSING
    return here


def text_at(data: Any, path: str | None) -> str | None:
    """A text or a whole number at a path, as text. None for any other value."""
    found = MISSING if path is None else at(data, path)
    if isinstance(found, str):
        return found
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else None


def number_at(data: Any, path: str | None) -> str | None:
    """A number at a path, or a text, as text. None for any other value."""
    found = MISSING if path is None else at(data, path)
    return repr(found) if isinstance(found, float) else text_at(data, path)


def without(data: Any, path: str) -> Any:
    """A copy of the record with null at a path. The bytes of that value are searched separately."""
    if isinstance(data, dict) and path in data:
        return {**data, path: None}
    part, _, rest = path.partition(".")
    if isinstance(data, dict) and part in data:
        return {**data, part: without(data[part], rest) if rest else None}
    if isinstance(data, list) and part.isdigit() and int(part) < len(data):
        inside = without(data[int(part)], rest) if rest else None
        return [*data[: int(part)], inside, *data[int(part) + 1 :]]
    return data
