"""The contract of a scenario: a preset, a file beside it, or written in place, each perhaps extending another."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pydantic

from gateway.contract.consistency import contradictions
from gateway.contract.model import PRESETS, Contract
from gateway.fault_words import nearest
from gateway.files import BadFile
from scenarios.model.validated import Locate, validated
from scenarios.model.yaml_file import BadFiles, Document, Fault, Place, dotted, merged, read_document

_KEY = re.compile(r"^[a-z_.]+(?=:)")
_DEEPEST = 8  # files that extend one another


class _Unchecked(Contract):
    """A contract that may contradict itself: all contradictions are told at once."""

    @pydantic.model_validator(mode="after")
    def _agrees_with_itself(self) -> "_Unchecked":
        return self


class ContractRef(msgspec.Struct, frozen=True, kw_only=True):
    """What a scenario says of its contract: a name, a path or keys; `at` is where it says so."""

    asked: str | dict[str, Any]
    document: Document
    at: tuple[str | int, ...] = ("contract",)
    beside: Path = Path()


def find_contract(ref: ContractRef) -> Contract:
    """Raises BadFile: no such preset or file; BadFiles: every fault of it."""
    document, lost = _extended(_document(ref), ref.beside if not isinstance(ref.asked, str) else None, 0)
    if isinstance(ref.asked, dict) and "name" not in ref.asked and isinstance(document.data.get("name"), str):
        document = msgspec.structs.replace(document, data={**document.data, "name": f"{document.data['name']}-changed"})
    try:
        found = validated(document, _Unchecked, _contradictory, partly=bool(lost))
    except BadFiles as error:
        raise BadFiles([*lost, *(_asked_for(each, ref) for each in error.faults)]) from None
    if lost:
        raise BadFiles(lost)
    model = found.gate.verify_model
    data = dict(document.data)
    if model is not None and (beside := Path(document.place(("gate", "verify_model")).file).parent / model).exists():
        data = {**data, "gate": {**data["gate"], "verify_model": str(beside.resolve())}}
    return Contract.model_validate(data)


def contract_named(name: str) -> Contract:
    """A preset or a path as the command line gives it. Raises as `find_contract`."""
    return find_contract(ContractRef(asked=name, document=Document(file="contract", data=None)))


def _asked_for(fault: Fault, ref: ContractRef) -> Fault:
    """A fault with its place in the scenario, where the keys written there make a preset contradict itself."""
    if isinstance(ref.asked, str) or Path(fault.place.file).parent != PRESETS:
        return fault
    key = ".".join((*map(str, ref.at), fault.key))
    return msgspec.structs.replace(fault, place=ref.document.place(ref.at), key=key)


def _document(ref: ContractRef) -> Document:
    if isinstance(ref.asked, dict):
        return _inside(ref.document, ref.at, ref.asked)
    path = _path(ref.asked, ref.beside)
    if path is None:
        known = [path.stem for path in PRESETS.glob("*.yaml")]
        says = f"{ref.asked}: no such preset; {nearest(ref.asked, known)}; or a path to a .yaml file"
        place, key = ref.document.place(ref.at), dotted(ref.at)
        if ref.document.data is None:
            raise BadFile(f"contract {says}")
        raise BadFiles([Fault(place=place, key=key, says=says)])
    try:
        return read_document(path)
    except BadFiles:
        raise
    except BadFile as error:
        if ref.document.data is None:
            raise
        raise BadFiles([Fault(place=ref.document.place(ref.at), key="contract", says=str(error))]) from None


def _path(asked: str, beside: Path) -> Path | None:
    """A preset's file, or a path beside the file that names it; None for an unknown preset."""
    if "/" in asked or asked.endswith((".yaml", ".yml", ".json")):
        return beside / asked
    preset = PRESETS / f"{asked}.yaml"
    return preset if preset.exists() else None


def _inside(document: Document, at: Sequence[str | int], data: dict[str, Any]) -> Document:
    """A part of a document as a document of its own."""
    start, length = tuple(at), len(at)
    return Document(
        file=str(document.place(at).file),
        data=data,
        keys={key[length:]: place for key, place in document.keys.items() if key[:length] == start},
        values={key[length:]: place for key, place in document.values.items() if key[:length] == start},
    )


def _extended(document: Document, beside: Path | None, depth: int) -> tuple[Document, list[Fault]]:
    """The document laid upon what it extends; written in place, its version, name and kind come from there. And what
    cannot be had of that: the rest is read all the same."""
    if not isinstance(document.data, dict):
        return document, []
    document, faults = _days(document)
    if document.data.get("extends") is None:
        return document, faults
    own = msgspec.structs.replace(
        document, data={key: value for key, value in document.data.items() if key != "extends"}
    )
    try:
        base, others = _extended(_base(document, beside, depth), None, depth + 1)
    except BadFiles as error:
        return own, [*faults, *error.faults]
    return merged(base, own), [*faults, *others]


def _base(document: Document, beside: Path | None, depth: int) -> Document:
    """What a document extends. Raises BadFiles: it cannot be read."""
    base_name = document.data["extends"]
    at = document.place(("extends",))
    if not isinstance(base_name, str) or depth >= _DEEPEST:
        says = "a preset or a path is wanted" if depth < _DEEPEST else f"more than {_DEEPEST} contracts extend another"
        raise BadFiles([Fault(place=at, key="extends", says=says)])
    here = beside if beside is not None else Path(document.file).parent
    ref = ContractRef(asked=base_name, document=document, at=("extends",), beside=here)
    return _document(ref)


def _days(document: Document) -> tuple[Document, list[Fault]]:
    """`review.retention: 30d` as `retention_days: 30`; without it, and why, where it says no days."""
    review = document.data.get("review")
    if not isinstance(review, dict) or "retention" not in review:
        return document, []
    others = {key: value for key, value in review.items() if key != "retention"}
    said = re.fullmatch(r"(\d+)\s*d(ays?)?", str(review["retention"]))
    if said is None:
        says = f"{review['retention']}: the gateway counts retention in whole days, such as 30d"
        place: Place = document.place(("review", "retention"))
        without = msgspec.structs.replace(document, data={**document.data, "review": others})
        return without, [Fault(place=place, key="review.retention", says=says)]
    at = ("review", "retention_days")
    moved = msgspec.structs.replace(
        document,
        data={**document.data, "review": {**others, "retention_days": int(said[1])}},
        keys={**document.keys, at: document.place(("review", "retention"), of_key=True)},
        values={**document.values, at: document.place(("review", "retention"))},
    )
    return moved, []


def _contradictory(contract: Contract) -> Iterable[Locate]:
    for says in contradictions(contract):
        key = _KEY.match(says)
        at = tuple(key[0].split(".")) if key else ()
        yield at, says[len(key[0]) + 2 :] if key else says
