"""Scenario files on disk -> runs: what they extend, their cells (`matrix.py`), and each one's contracts.

Every fault of every file is told at once, before anything runs.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from gateway.contract.model import Contract
from gateway.fault_words import nearest, shown
from gateway.files import BadFile
from scenarios.model.contract_file import ContractRef, find_contract
from scenarios.model.expectation import CHECK_NAMES
from scenarios.model.matrix import META, cells
from scenarios.model.scenario import Scenario, contradictions
from scenarios.model.validated import validated
from scenarios.model.yaml_file import BadFiles, Document, Fault, merged, read_document
from simulator.sound.recordings import read_corpus

SUITES = Path(__file__).parent.parent / "suites"
SUFFIXES = (".yaml", ".yml")

_DEEPEST = 8  # files that extend one another
_WHOLE = -1  # the place of the run's own contract
_STAND_INS: Mapping[str, Any] = MappingProxyType(
    {"scenario": 2, "name": "unnamed", "about": "", "checks": [*CHECK_NAMES], "expect": {"verdict": "fail"}}
)
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """One run: the scenario, its contract read, the file it comes from, and what its cell of a matrix sets.

    `later` are the contracts of the timeline, by the event's place in it."""

    scenario: Scenario
    contract: Contract
    file: Path
    cell: Mapping[str, Any] = _NOTHING
    later: Mapping[int, Contract] = MappingProxyType({})

    @property
    def judged_by(self) -> Contract:
        """The contract in force at the end."""
        times = sorted(self.later, key=lambda place: self.scenario.timeline[place].at)
        return self.later[times[-1]] if times else self.contract

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
    if unknown := [name for name in variables if not any(_uses(file, name) for file in files)]:
        says = (f"--var {name}: no variable of these files; ${{{name}}} stands nowhere" for name in unknown)
        raise BadFile("\n".join(says))
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


def _uses(file: Path, name: str) -> bool:
    """Whether a file, or what it extends, has this variable. Of a file that cannot be read nobody knows."""
    try:
        data = _extended(read_document(file), 0)[0].data
    except BadFile:
        return True
    return isinstance(data, dict) and (name in (data.get("variables") or ()) or f"${{{name}}}" in str(data))


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
            near = nearest(str(path), [p.name for p in SUITES.iterdir() if p.is_dir()]).removeprefix("allowed: ")
            raise BadFile(f"{path}: no such scenario or folder; suites: {near}")
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
    document, faults = _extended(read_document(path), 0)
    partly = bool(faults)  # something that it extends cannot be had
    if not isinstance(document.data, dict):
        validated(document, Scenario)
    if seed is not None:
        document = _seeded(document, seed)
    runs: list[Prepared] = []
    for cell, named, unfilled in cells(document, variables):
        scenario = None
        made, others = _with_recordings(named, path)
        wrong = [*unfilled, *others]
        faults += [each for each in wrong if not partly or each not in unfilled or each.key.startswith("matrix")]
        try:
            told = {each.place for each in wrong}
            scenario = validated(made, Scenario, contradictions, also=META, stand_ins=_STAND_INS, partly=partly)
        except BadFiles as error:
            faults += [each for each in error.faults if each.place not in told]
        if "expect" in made.data and made.data["expect"] is None:
            says = "is empty: say what must come out, such as {verdict: pass}, or leave it out"
            faults.append(Fault(place=made.place(("expect",), of_key=True), key="expect", says=says))
        target = made.data.get("target")
        if isinstance(target, str) and not (path.parent / target).is_file():
            says = f"{target}: no such file beside this one"
            faults.append(Fault(place=made.place(("target",)), key="target", says=says))
        found, wrong = _contracts(made, path, partly=partly)
        faults += wrong
        if scenario is not None and _WHOLE in found:
            contract = found.pop(_WHOLE)
            runs.append(Prepared(scenario=scenario, contract=contract, file=path, cell=cell, later=found))
    if faults:
        below = {each.file for each in document.values.values()} - {str(path)}
        raise BadFiles([_seen_by(each, path) if each.place.file in below else each for each in faults])
    return runs


def _seen_by(fault: Fault, path: Path) -> Fault:
    """A fault that stands in a file below: that file may be right by itself."""
    return msgspec.structs.replace(fault, seen_by=str(path))


def _contracts(document: Document, path: Path, *, partly: bool) -> tuple[dict[int, Contract], list[Fault]]:
    """(the run's contract under _WHOLE, those of the timeline under their event's place; every fault). `partly`: what
    the file extends cannot be had, and the run's contract may be half of one."""
    timeline = document.data.get("timeline")
    said: dict[int, tuple[Any, tuple[str | int, ...]]] = {
        _WHOLE: (document.data.get("contract", "strict"), ("contract",))
    }
    for place, event in enumerate(timeline if isinstance(timeline, list) else ()):
        if isinstance(event, dict) and event.get("contract") is not None:
            said[place] = (event["contract"], ("timeline", place, "contract"))
    found: dict[int, Contract] = {}
    faults: list[Fault] = []
    for place, (asked, at) in said.items():
        if not isinstance(asked, str | dict) or (partly and isinstance(asked, dict) and "extends" not in asked):
            continue  # its type is told by the scenario
        try:
            ref = ContractRef(asked=asked, document=document, at=at, beside=_beside(document, at, path))
            found[place] = find_contract(ref)
        except BadFiles as error:
            faults += error.faults
    return found, faults


def _with_recordings(document: Document, path: Path) -> tuple[Document, list[Fault]]:
    """The document with the folders of recordings where they lie: a relative one lies beside the file that names it."""
    fleet = document.data.get("fleet")
    if not isinstance(fleet, dict):
        return document, []
    faults: list[Fault] = []

    def found(homes: Any, at: tuple[str | int, ...]) -> Any:
        asked = homes.get("recordings") if isinstance(homes, dict) else None
        if not isinstance(asked, str):
            return homes
        place = (*at, "recordings")
        folder = _beside(document, place, path) / asked
        try:
            read_corpus(folder)
        except BadFile as error:
            says = f"{asked}: {str(error).removeprefix(f'{folder}: ')}"
            faults.append(Fault(place=document.place(place), key=".".join(map(str, place)), says=says))
        return {**homes, "recordings": str(folder.resolve())}

    placed = found(fleet, ("fleet",))
    if isinstance(placed.get("cohorts"), list):
        cohorts = [found(each, ("fleet", "cohorts", number)) for number, each in enumerate(placed["cohorts"])]
        placed = {**placed, "cohorts": cohorts}
    return msgspec.structs.replace(document, data={**document.data, "fleet": placed}), faults


def _seeded(document: Document, seed: int) -> Document:
    """The document with this seed alone, whatever its matrix says."""
    data = {**document.data, "seed": seed}
    if isinstance(data.get("matrix"), dict):
        data["matrix"] = {key: values for key, values in data["matrix"].items() if key != "seed"}
    return msgspec.structs.replace(document, data=data)


def _beside(document: Document, at: tuple[str | int, ...], path: Path) -> Path:
    """The folder of the file that names something: what it extends may lie elsewhere."""
    named = document.place(at).file
    return Path(named).parent if named else path.parent


def _extended(document: Document, depth: int, before: tuple[Path, ...] = ()) -> tuple[Document, list[Fault]]:
    """The document laid upon what it extends, and what of that cannot be had: the rest is read all the same."""
    data = document.data
    if not isinstance(data, dict) or "extends" not in data:
        return document, []
    own = msgspec.structs.replace(document, data={key: value for key, value in data.items() if key != "extends"})
    try:
        found = _base(document, depth, before)
        below, faults = _extended(read_document(found), depth + 1, (*before, found.resolve()))
    except BadFiles as error:
        return own, list(error.faults)
    except BadFile as error:
        return own, [Fault(place=document.place(("extends",)), key="extends", says=str(error))]
    return merged(below, own), faults


def _base(document: Document, depth: int, before: tuple[Path, ...]) -> Path:
    """The file that a document extends. Raises BadFiles: there is none, or it extends itself."""
    data = document.data
    at, base = document.place(("extends",)), data["extends"]
    if not isinstance(base, str) or depth >= _DEEPEST:
        says = f"{shown(base)}: a suite's scenario or a file is wanted"
        says = f"more than {_DEEPEST} files extend another" if depth >= _DEEPEST else says
        raise BadFiles([Fault(place=at, key="extends", says=says)])
    here = Path(document.file).parent / base
    for found in (here, here.with_suffix(".yaml"), SUITES / base, SUITES / f"{base}.yaml"):
        if found.is_file():
            break
    else:
        known = [str(p.relative_to(SUITES).with_suffix("")) for p in SUITES.rglob("*.yaml")]
        close = nearest(base, known).partition("allowed:")[0].strip()
        says = f"{base}: no such file beside it, and no such scenario of the suites; {close}".rstrip("; ")
        raise BadFiles([Fault(place=at, key="extends", says=says)])
    if found.resolve() in (*before, Path(document.file).resolve()):
        raise BadFiles([Fault(place=at, key="extends", says=f"{base}: it extends this file, or one that extends it")])
    return found
