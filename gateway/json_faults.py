"""Every fault of a JSON file at once, each with its file, line, column and key. Values are never quoted."""

import json
import re
from collections.abc import Collection, Iterable, Mapping

import pydantic

from gateway.files import describe_fault

Path = tuple[str | int, ...]

_MOST = 50
_SYNTAX = re.compile(r"^(.*) at line (\d+) column (\d+)$")
_DECODER = json.JSONDecoder()


def describe_all(name: str, text: bytes, error: pydantic.ValidationError, model: type[pydantic.BaseModel]) -> str:
    """A line for each fault, 50 at most: `file:line:column: key: what is allowed`."""
    faults = error.errors(include_input=False, include_url=False)
    if faults[0]["type"] == "json_invalid":
        said = _SYNTAX.match(faults[0]["msg"].removeprefix("Invalid JSON: "))
        what, line, column = said.groups() if said else ("", "1", "1")
        return f"{name}:{line}:{column}: not JSON: {what}" if said else f"{name}: not JSON"
    whole = text.decode("utf-8-sig", errors="replace")
    wanted = {_wanted(fault["type"], fault["loc"]) for fault in faults[:_MOST]}
    places = dict(_places(whole, wanted))
    lines = []
    for fault in faults[:_MOST]:
        at = places.get(_wanted(fault["type"], fault["loc"]), 0)
        line, column = whole.count("\n", 0, at) + 1, at - whole.rfind("\n", 0, at)
        lines.append((line, column, f"{name}:{line}:{column}: {describe_fault(fault, model)}"))
    more = [f"{name}: {len(faults) - _MOST} more faults"] if len(faults) > _MOST else []
    return "\n".join([*(said for _, _, said in sorted(lines)), *more])


def _wanted(kind: str, at: Path) -> Path:
    """What a fault points at: a missing key at what should hold it."""
    return at[:-1] if kind == "missing" else at


def _places(text: str, wanted: Iterable[Path]) -> Mapping[Path, int]:
    """Offset of each path that is there: of the key in an object, of the value in a list."""
    start = _skip(text, 0)
    found: dict[Path, int] = {(): start}
    prefixes = {path[:length] for path in wanted for length in range(len(path) + 1)}
    try:
        _walk(text, start, (), prefixes, found)
    except (ValueError, IndexError, RecursionError):
        return found  # what was found until then
    return found


def _walk(text: str, at: int, path: Path, prefixes: Collection[Path], found: dict[Path, int]) -> int:
    """Read one value; the offset behind it. What holds no fault is left to the decoder."""
    if path not in prefixes or text[at] not in "{[":
        return _DECODER.raw_decode(text, at)[1]
    in_object, number = text[at] == "{", 0
    at = _skip(text, at + 1)
    while text[at] not in "}]":
        stands, key = at, number
        if in_object:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)  # behind the colon
        inner = (*path, key)
        if inner in prefixes:
            found[inner] = stands
        at = _skip(text, _walk(text, at, inner, prefixes, found))
        if text[at] == ",":
            at = _skip(text, at + 1)
        number += 1
    return at + 1


def _skip(text: str, at: int) -> int:
    """The offset of the next character that is no space."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
