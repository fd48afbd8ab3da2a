"""Scenario files on disk -> runs: what they extend, variables, the cells of a matrix, and each one's contract.

Every fault of every file is told at once, before anything runs.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from gateway.contract.model import Contract
from gateway.files import BadFile
from scenarios.model.contract_file import ContractRef, find_contract
from scenarios.model.scenario import Scenario, contradictions
from scenarios.model.validated import nearest, shown, validated
from scenarios.model.yaml_file import BadFiles, Document, Fault, dotted, merged, read_document

SUITES = Path(__file__).parent.parent / "suites"
SUFFIXES = (".yaml", ".yml")

_DEEPEST = 8  # files that extend one another
_MOST_CELLS = 1_000
_VARIABLE = re.compile(r"\$\{([a-zA-Z_][a-zA-Z0-9_]*)\}")
_META = ("extends", "variables", "matrix", "cells")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """One run: the scenario, its contract read, the file it comes from, and what its cell of a matrix sets."""

    scenario: Scenario
    contract: Contract
    file: Path
    cell: Mapping[str, Any] = _NOTHING

    @property
    def name(self) -> str:
        return self.scenario.name


def prepare(
    paths: Sequence[Path], *, variables: Mapping[str, Any] = _NOTHING, seed: int | None = None
) -> list[Prepared]:
    """Every run of the files named, or in the folders named; `seed` goes before theirs.

    Raises:
        BadFile: nothing there, or two runs of one name (their out folders would collide).
        BadFiles: every fault of every file.
    """
    files = find_files(paths)
    runs: list[Prepared] = []
    faults: list[Fault] = []
    others: list[str] = []
    for file in files:
        try:
            runs += prepare_file(file, variables=variables, seed=seed)
        except BadFiles as error:
            faults += error.faults
        except BadFile as error:
            others.append(str(error))
    if faults or others:
        said = [*others, *([str(BadFiles(faults))] if faults else [])]
        raise BadFiles(faults) if not others else BadFile("\n".join(said))
    names = [run.name for run in runs]
    for at, name in enumerate(names):
        if name in names[:at]:
            first = runs[names.index(name)].file
            raise BadFile(f"{runs[at].file}: name: {name}: two scenarios of this run have it; the other is {first}")
    return runs


def load_scenario(path: Path) -> Scenario:
    """The one run of a file. Raises as `prepare`, and BadFile: it has a matrix."""
    runs = prepare_file(path)
    if len(runs) != 1:
        raise BadFile(f"{path}: matrix: one run is wanted here, not {len(runs)}")
    return runs[0].scenario


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The .yaml files named or in the folders named, folders in name order; contracts and targets are left out.

    Raises:
        BadFile: nothing there.
    """
    found: list[Path] = []
    for path in paths:
        here = path if path.exists() else SUITES / path
        if not here.exists() and SUITES.joinpath(f"{path}.yaml").exists():
            here = SUITES / f"{path}.yaml"
        if here.is_dir():
            inside = sorted(p for p in here.rglob("*") if p.suffix in SUFFIXES and p.is_file() and is_scenario(p))
            if not inside:
                raise BadFile(f"{path}: no .yaml scenario in it")
            found += inside
        elif here.exists():
            found.append(here)
        else:
            known = sorted(p.name for p in SUITES.iterdir() if p.is_dir())
            raise BadFile(f"{path}: no such scenario or folder; suites: {nearest(str(path), known)}")
    if not found:
        raise BadFile(f"{paths[0] if paths else SUITES}: no .yaml scenario in it")
    return list(dict.fromkeys(found))


def is_scenario(path: Path) -> bool:
    """Whether a file of a folder is meant as a scenario: contracts and targets may lie beside them."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True  # reading it says why it cannot be read
    return re.search(r"^(contract|target):\s*1\s*(#.*)?$", text, re.MULTILINE) is None or "scenario:" in text


def prepare_file(path: Path, *, variables: Mapping[str, Any] = _NOTHING, seed: int | None = None) -> list[Prepared]:
    """Every cell of one file.

    Raises:
        BadFile: not there or not text. BadFiles: every fault.
    """
    document = _extended(read_document(path), 0)
    if not isinstance(document.data, dict):
        validated(document, Scenario)
    if seed is not None:
        document = _seeded(document, seed)
    runs: list[Prepared] = []
    faults: list[Fault] = []
    for cell, made in _cells(document, variables):
        scenario, contract = None, None
        try:
            scenario = validated(made, Scenario, contradictions, also=_META)
        except BadFiles as error:
            faults += error.faults
        asked = made.data.get("contract", "strict")
        try:
            if isinstance(asked, str | dict):
                ref = ContractRef(asked=asked, document=made, beside=_beside(made, ("contract",), path))
                contract = find_contract(ref)
        except BadFiles as error:
            faults += error.faults
        if scenario is not None and contract is not None:
            runs.append(Prepared(scenario=scenario, contract=contract, file=path, cell=cell))
    if faults:
        raise BadFiles(faults)
    return runs


def _seeded(document: Document, seed: int) -> Document:
    """The document with this seed alone, whatever its matrix says."""
    data = {**document.data, "seed": seed}
    if isinstance(data.get("matrix"), dict):
        data["matrix"] = {key: values for key, values in data["matrix"].items() if key != "seed"}
    return msgspec.structs.replace(document, data=data)


def _beside(document: Document, at: tuple[str, ...], path: Path) -> Path:
    """The folder of the file that names something: what it extends may lie elsewhere."""
    named = document.place(at).file
    return Path(named).parent if named else path.parent


def _extended(document: Document, depth: int) -> Document:
    data = document.data
    if not isinstance(data, dict) or "extends" not in data:
        return document
    at, base = document.place(("extends",)), data["extends"]
    if not isinstance(base, str) or depth >= _DEEPEST:
        says = f"more than {_DEEPEST} files extend another" if depth >= _DEEPEST else "a suite's scenario or a file"
        raise BadFiles([Fault(place=at, key="extends", says=says)])
    here = Path(document.file).parent / base
    for found in (here, here.with_suffix(".yaml"), SUITES / base, SUITES / f"{base}.yaml"):
        if found.is_file():
            break
    else:
        known = [str(p.relative_to(SUITES).with_suffix("")) for p in SUITES.rglob("*.yaml")]
        says = f"{base}: no such file beside it; {nearest(base, known)}"
        raise BadFiles([Fault(place=at, key="extends", says=says)])
    own = msgspec.structs.replace(document, data={key: value for key, value in data.items() if key != "extends"})
    return merged(_extended(read_document(found), depth + 1), own)


def _cells(document: Document, given: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Document]]:
    """Each cell's values and its document: base, then the matrix's values, then what `cells` say of such cells."""
    data = document.data
    variables = {**_keys(document, "variables"), **given}
    axes = _axes(document)
    rules = _rules(document, axes)
    plain = msgspec.structs.replace(document, data={key: value for key, value in data.items() if key not in _META})
    count = 0
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
        filled = _filled(here, {**variables, **own})
        if cell and isinstance(filled.data.get("name"), str):
            count += 1
            filled.data["name"] = f"{filled.data['name']}-{_slug(cell, axes)}"[:64].rstrip("-")
        yield cell, filled
    if count > _MOST_CELLS:
        says = f"has {count} cells; at most {_MOST_CELLS} are run"
        raise BadFiles([Fault(place=document.place(("matrix",)), key="matrix", says=says)])


def _axes(document: Document) -> dict[str, list[Any]]:
    axes = _keys(document, "matrix")
    for key, values in axes.items():
        if not isinstance(values, list) or not values:
            says = f"{shown(values)}: a list of values is wanted, such as [1, 2, 3]"
            raise BadFiles([Fault(place=document.place(("matrix", key)), key=f"matrix.{key}", says=says)])
        top = key.split(".")[0]
        allowed = {field.alias or name for name, field in Scenario.model_fields.items()} | {"variables"}
        if top not in allowed - {"name", "about", "scenario"}:
            says = f"is no key of a scenario; {nearest(top, allowed)}"
            raise BadFiles([Fault(place=document.place(("matrix", key), of_key=True), key=f"matrix.{key}", says=says)])
    return axes


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
    return Document(file=document.file, data=data, keys=keys, values=values)


def _rules(document: Document, axes: Mapping[str, list[Any]]) -> list[tuple[dict[str, Any], int]]:
    """(which cells, the place in `cells` of what is laid upon them)."""
    rules = document.data.get("cells", [])
    if not isinstance(rules, list):
        says = "a list of {when: {contract: strict}, expect: ...} is wanted"
        raise BadFiles([Fault(place=document.place(("cells",)), key="cells", says=says)])
    found = []
    for at, rule in enumerate(rules):
        here = ("cells", at)
        if not isinstance(rule, dict) or not isinstance(rule.get("when"), dict):
            says = "{when: {contract: strict}, expect: ...} is wanted"
            raise BadFiles([Fault(place=document.place(here), key=dotted(here), says=says)])
        for key, value in rule["when"].items():
            if key not in axes or value not in axes[key]:
                known = nearest(key, axes) if key not in axes else f"allowed: {', '.join(map(shown, axes[key]))}"
                place = document.place((*here, "when", key))
                says = f"{shown(value)}: the matrix has no such cell; {known}"
                raise BadFiles([Fault(place=place, key=dotted((*here, "when", key)), says=says)])
        found.append((rule["when"], at))
    return found


def _keys(document: Document, name: str) -> dict[str, Any]:
    found = document.data.get(name, {})
    if not isinstance(found, dict):
        says = f"{shown(found)}: keys and values are wanted"
        raise BadFiles([Fault(place=document.place((name,)), key=name, says=says)])
    return dict(found)


def _filled(document: Document, variables: Mapping[str, Any]) -> Document:
    """`${name}` as its value: of its own type where it stands alone."""
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

    data = fill(document.data, ())
    if faults:
        raise BadFiles(faults)
    return msgspec.structs.replace(document, data=data)


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
