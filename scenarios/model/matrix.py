"""A document with variables and a matrix -> one document a cell: base, the cell, then what `cells` lays upon it."""

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gateway.fault_words import nearest, shown
from scenarios.model.scenario import Scenario
from scenarios.model.yaml_file import BadFiles, Document, Fault, dotted, merged

META = ("extends", "variables", "matrix", "cells")

_MOST_CELLS = 1_000
_VARIABLE = re.compile(r"\$\{([a-zA-Z_][a-zA-Z0-9_]*)\}")


def cells(document: Document, given: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Document, list[Fault]]]:
    """Each cell's values, its document (base, then the matrix's values, then what `cells` say of such cells), and the
    faults of its variables; with the first one those of `matrix` and `cells`, too.

    Raises:
        BadFiles: `variables`, `matrix` or `cells` is of another type, or has too many cells.
    """
    data = document.data
    variables = {**_keys(document, "variables"), **given}
    axes, wrong = _axes(document)
    rules, others = _rules(document, _keys(document, "matrix"))
    faults = [*wrong, *others]  # told with the first cell; the rest of the file is read all the same
    plain = msgspec.structs.replace(document, data={key: value for key, value in data.items() if key not in META})
    if (count := math.prod(map(len, axes.values()))) > _MOST_CELLS:
        says = f"has {count} cells; at most {_MOST_CELLS} are run"
        raise BadFiles([*faults, Fault(place=document.place(("matrix",)), key="matrix", says=says)])
    for chosen in itertools.product(*(range(len(values)) for values in axes.values())):
        cell = {key: axes[key][at] for key, at in zip(axes, chosen, strict=True)}
        here = plain
        for key, at in zip(axes, chosen, strict=True):
            if not key.startswith("variables."):
                here = merged(here, _moved(document, ("matrix", key, at), tuple(key.split("."))))
        for when, rule in rules:
            if all(cell.get(key) == value for key, value in when.items()):
                for key in document.data["cells"][rule]:
                    if key != "when":
                        here = merged(here, _moved(document, ("cells", rule, key), (key,)))
        own = {key.removeprefix("variables."): value for key, value in cell.items() if key.startswith("variables.")}
        filled, unfilled = _filled(here, {**variables, **own})
        if cell and isinstance(filled.data.get("name"), str):
            filled.data["name"] = f"{filled.data['name']}-{_slug(cell, axes)}"[:64].rstrip("-")
        yield cell, filled, [*faults, *unfilled]
        faults = []


def _axes(document: Document) -> tuple[dict[str, list[Any]], list[Fault]]:
    """The values of each key, and every fault of them."""
    axes: dict[str, list[Any]] = {}
    faults: list[Fault] = []
    allowed = {field.alias or name for name, field in Scenario.model_fields.items()} | {"variables"}
    for key, values in _keys(document, "matrix").items():
        if not isinstance(values, list) or not values:
            got = "the list is empty" if values == [] else shown(values)
            says = f"{got}: a list of values is wanted, such as [1, 2, 3]"
            faults.append(Fault(place=document.place(("matrix", key)), key=f"matrix.{key}", says=says))
        top = key.split(".")[0]
        if top not in allowed - {"name", "about", "scenario"}:
            says = f"is no key of a scenario; {nearest(top, allowed)}"
            faults.append(Fault(place=document.place(("matrix", key), of_key=True), key=f"matrix.{key}", says=says))
        for at, value in enumerate(values if isinstance(values, list) else ()):
            if value in values[:at]:
                says = f"{shown(value)} stands twice"
                faults.append(Fault(place=document.place(("matrix", key, at)), key=f"matrix.{key}[{at}]", says=says))
        if not any(each.key.startswith(f"matrix.{key}") for each in faults):
            axes[key] = values
    return axes, faults


def _moved(document: Document, start: tuple[str | int, ...], to: tuple[str, ...]) -> Document:
    """The part of a document at `start` as a document that has it at `to`."""
    data: Any = document.data
    for part in start:
        data = data[part]
    for name in reversed(to):
        data = {name: data}
    length = len(start)
    values = {to + key[length:]: place for key, place in document.values.items() if key[:length] == start}
    keys = {to + key[length:]: place for key, place in document.keys.items() if key[:length] == start}
    keys.setdefault(to, document.place(start[:-1], of_key=True))
    return Document(file=document.file, data=data, keys=keys, values=values)


def _rules(document: Document, said: Mapping[str, Any]) -> tuple[list[tuple[dict[str, Any], int]], list[Fault]]:
    """(which cells, the place in `cells` of what is laid upon them), and every fault of them."""
    rules = document.data.get("cells", [])
    if not isinstance(rules, list):
        says = "a list of {when: {contract: strict}, expect: ...} is wanted"
        raise BadFiles([Fault(place=document.place(("cells",)), key="cells", says=says)])
    found: list[tuple[dict[str, Any], int]] = []
    faults: list[Fault] = []
    for at, rule in enumerate(rules):
        here = ("cells", at)
        if not isinstance(rule, dict) or not isinstance(rule.get("when"), dict):
            says = "{when: {contract: strict}, expect: ...} is wanted"
            faults.append(Fault(place=document.place(here), key=dotted(here), says=says))
            continue
        before = len(faults)
        for key, value in rule["when"].items():
            values = said.get(key)
            if not isinstance(values, list) or value not in values:
                known = nearest(key, said) if values is None else f"allowed: {_list(values)}"
                place = document.place((*here, "when", key))
                says = f"{shown(value)}: the matrix has no such cell; {known}"
                faults.append(Fault(place=place, key=dotted((*here, "when", key)), says=says))
        if len(faults) == before:
            found.append((rule["when"], at))
    return found, faults


def _list(values: Any) -> str:
    return ", ".join(map(shown, values if isinstance(values, list) else [values]))


def _keys(document: Document, name: str) -> dict[str, Any]:
    found = document.data.get(name, {})
    if not isinstance(found, dict):
        says = f"{shown(found)}: keys and values are wanted"
        raise BadFiles([Fault(place=document.place((name,)), key=name, says=says)])
    return dict(found)


def _filled(document: Document, variables: Mapping[str, Any]) -> tuple[Document, list[Fault]]:
    """`${name}` as its value, of its own type where it stands alone; and a fault for each that has none."""
    faults: list[Fault] = []

    def fill(value: Any, at: tuple[str | int, ...]) -> Any:
        if isinstance(value, dict):
            return {key: fill(each, (*at, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [fill(each, (*at, number)) for number, each in enumerate(value)]
        if not isinstance(value, str):
            return value
        for name in _VARIABLE.findall(value):
            if name not in variables:
                says = f"${{{name}}} is no variable; {nearest(name, variables) if variables else 'there are none'}"
                faults.append(Fault(place=document.place(at), key=dotted(at), says=says))
                return value
        whole = _VARIABLE.fullmatch(value)
        return variables[whole[1]] if whole else _VARIABLE.sub(lambda m: str(variables[m[1]]), value)

    return msgspec.structs.replace(document, data=fill(document.data, ())), faults


def _slug(cell: Mapping[str, Any], axes: Mapping[str, list[Any]]) -> str:
    """ "seed-1-strict-amqtt": values, with the key before numbers; an axis of mappings by its place."""
    parts = []
    for key, value in cell.items():
        if isinstance(value, dict | list):
            value = (
                value.get("name", axes[key].index(value) + 1) if isinstance(value, dict) else axes[key].index(value) + 1
            )
        said = re.sub(r"[^a-z0-9]+", "-", Path(str(value)).stem.lower()).strip("-") or str(axes[key].index(value) + 1)
        parts.append(f"{key.split('.')[-1].replace('_', '-')}-{said}" if said[0].isdigit() else said)
    return "-".join(parts)
