"""What a wrong value of a file should be, in plain words. Pydantic's own phrases speak of inputs and of its types.

Source of the names: https://docs.pydantic.dev/latest/errors/validation_errors/
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

_WANTED: Mapping[str, str] = MappingProxyType(
    {
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "int_parsing": "a whole number",
        "float_type": "a number",
        "float_parsing": "a number",
        "finite_number": "a number that is not infinite",
        "string_type": "a text",
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "tuple_type": "a list",
        "list_type": "a list",
        "set_type": "a list",
        "frozen_set_type": "a list",
        "dict_type": "keys and values",
        "mapping_type": "keys and values",
        "model_type": "keys and values",
        "model_attributes_type": "keys and values",
        "path_type": "a path",
    }
)
_LIMITS = {
    "greater_than_equal": "at least",
    "less_than_equal": "at most",
    "greater_than": "above",
    "less_than": "below",
}
_LENGTHS = {
    "too_short": "at least",
    "too_long": "at most",
    "string_too_short": "at least",
    "string_too_long": "at most",
}
_FAMILIES = {"datetime_": "a time such as 2026-05-30T12:00:00Z", "date_": "a date such as 1984-03-09"}
_SHOWN = 40  # characters of a wrong value


def says(fault: Mapping[str, Any], *, quote: bool = False) -> str:
    """One fault of a pydantic error as a sentence about the key: "3: at most 1 is wanted". Its value stands in front
    with `quote`, which is not for files that name people."""
    kind, context = str(fault["type"]), fault.get("ctx") or {}
    wrong = context.get("tag", fault.get("input"))  # where a key chooses the kind, its value is wrong
    front = f"{shown(wrong)}: " if quote and kind != "missing" else ""
    if kind == "missing":
        return "is wanted, and is not there"
    if kind == "value_error":
        return str(fault["msg"]).removeprefix("Value error, ")
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        allowed = re.findall(r"'([^']*)'", str(context.get("expected") or context.get("expected_tags")))
        return front + nearest(str(wrong) if quote else "", allowed)
    if kind in _LIMITS:
        return f"{front}{_LIMITS[kind]} {next(iter(context.values()))} is wanted"
    if kind in _LENGTHS:
        bound = context.get("min_length", context.get("max_length"))
        one, many = ("character", "characters") if kind.startswith("string") else ("entry", "entries")
        return f"{front}{_LENGTHS[kind]} {bound} {f'{one} is' if bound == 1 else f'{many} are'} wanted"
    if kind in _WANTED:
        return f"{front}{_WANTED[kind]} {'are' if _WANTED[kind] == 'keys and values' else 'is'} wanted"
    if family := next((said for begins, said in _FAMILIES.items() if kind.startswith(begins)), None):
        return f"{front}{family} is wanted"
    if kind == "string_pattern_mismatch":
        return f"{front}does not look like {context['pattern']}"
    said = str(fault["msg"]).removeprefix("Input should be ")
    return front + (f"{said} is wanted" if said != fault["msg"] else f"{said[:1].lower()}{said[1:]}")


def nearest(word: str, allowed: Iterable[str]) -> str:
    """ "did you mean X? allowed: ..."."""
    names = sorted(allowed)
    close = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.5) if word else []
    return f"{f'did you mean {close[0]}? ' if close else ''}allowed: {', '.join(names)}"


def shown(value: Any) -> str:
    """A wrong value as an error quotes it: short, on one line, without characters that a terminal obeys."""
    if isinstance(value, dict | list | tuple):
        return "keys and values" if isinstance(value, dict) else "a list"
    text = {None: "null", True: "true", False: "false"}.get(value) if value is None or isinstance(value, bool) else None
    said = " ".join("".join(c if c.isprintable() else " " for c in text or str(value)).split()) or repr(value)
    return said if len(said) <= _SHOWN else said[: _SHOWN - 3] + "..."
