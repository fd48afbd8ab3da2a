"""A document and a pydantic model -> the model, or every fault at once: where, which key, what stands there."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, get_args

import pydantic
from pydantic import BaseModel

from gateway.fault_words import nearest, shown
from gateway.fault_words import says as in_plain_words
from scenarios.model.yaml_file import BadFiles, Document, Fault, dotted

Model = TypeVar("Model", bound=BaseModel)
Locate = tuple[tuple[str | int, ...], str]  # a path and a sentence

_PATTERNS = {
    "^[a-z0-9][a-z0-9-]{0,63}$": "small letters, digits and hyphens are wanted, 64 at most",
    "^(auto|mosquitto|amqtt|mqtts?://.+)$": "allowed: auto, mosquitto, amqtt, or a URL such as mqtt://host:1883",
}
_ONE = ("seed", "contract", "broker", "target")  # of which people write several


def validated(
    document: Document,
    model: type[Model],
    more: Callable[[Model], Iterable[Locate]] | None = None,
    *,
    also: Iterable[str] = (),
) -> Model:
    """`more` finds what no type can say; `also` are keys of the top that something else reads.

    Raises:
        BadFiles: with every fault, those of `more` in what is right so far among them.
    """
    if document.data is None:
        raise BadFiles([_fault(document, (), "the file is empty")])
    if not isinstance(document.data, dict):
        raise BadFiles([_fault(document, (), f"keys and values are wanted, not {_kind(document.data)}")])
    try:
        found = _read(model, document.data)
    except pydantic.ValidationError as error:
        faults = list(_faults(document, model, error, also))
        if more is not None and (rest := _mended(document.data, model, error)) is not None:
            faults += [_fault(document, at, says) for at, says in more(rest)]
        raise BadFiles(faults) from None
    if more is not None and (others := list(more(found))):
        raise BadFiles([_fault(document, at, says) for at, says in others])
    return found


def _read(model: type[Model], data: Any) -> Model:
    return model.model_validate_json(json.dumps(data), strict=True)


def _mended(data: dict[str, Any], model: type[Model], error: pydantic.ValidationError) -> Model | None:
    """What the model makes of the rest, once everything at fault is taken away; None when that is too little."""
    rest = json.loads(json.dumps(data))
    for each in error.errors(include_url=False):
        at = _path(data, each["loc"])
        at = at[: next((n for n, part in enumerate(at) if isinstance(part, int)), len(at))]
        here = rest
        for part in at[:-1]:
            here = here.get(part) if isinstance(here, dict) else None
        if isinstance(here, dict) and at:
            here.pop(at[-1], None)
    try:
        return _read(model, rest)
    except pydantic.ValidationError:
        return None


def _faults(
    document: Document, model: type[BaseModel], error: pydantic.ValidationError, also: Iterable[str]
) -> Iterable[Fault]:
    seen: set[tuple[str | int, ...]] = set()
    for each in error.errors(include_url=False):
        at = _path(document.data, each["loc"])
        if each["type"] == "too_short" and each["input"]:
            continue  # its entries are wrong, each of which is said
        if each["type"] == "extra_forbidden":
            allowed = _keys_at(model, each["loc"][:-1]) | (set(also) if len(each["loc"]) == 1 else set())
            says = f"unknown key; {nearest(str(each['loc'][-1]), allowed)}"
            yield _fault(document, at, says, of_key=True)
        elif at not in seen:  # the members of a union each have something to say
            seen.add(at)
            yield _fault(document, at, _says(each))


def _says(each: Any) -> str:
    kind, context, got = each["type"], each.get("ctx") or {}, shown(each.get("input"))
    if kind in ("literal_error", "enum"):
        allowed = [part.strip().strip("'") for part in context["expected"].replace(" or ", ", ").split(",")]
        return f"{got} is not known; {nearest(str(each.get('input')), allowed)}"
    if kind == "string_pattern_mismatch" and context["pattern"] in _PATTERNS:
        return f"{got}: {_PATTERNS[context['pattern']]}"
    if kind in ("too_short", "too_long"):
        bound = context.get("min_length", context.get("max_length"))
        return f"has {context['actual_length']} entries; {'at least' if kind == 'too_short' else 'at most'} {bound}"
    return in_plain_words(each, quote=True) + (_of(each) if kind.endswith("_type") else "")


def _of(each: Any) -> str:
    if isinstance(each["input"], list) and each["loc"][0] in _ONE:
        return f"; several go into the matrix: {{{each['loc'][0]}: [...]}}"
    return ", such as [1, 3]" if each["type"] == "tuple_type" and each["loc"][-1] == "amount" else ""


def _path(data: Any, loc: Sequence[str | int]) -> tuple[str | int, ...]:
    """A pydantic location without the names of a union's members."""
    at: list[str | int] = []
    here: Any = data
    for number, part in enumerate(loc):
        inside = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if inside or (isinstance(here, dict) and part in here):
            here = here[part]
        elif number < len(loc) - 1 or not isinstance(here, dict):
            continue  # a member's name
        else:
            here = None
        at.append(part)
    return tuple(at)


def _fault(document: Document, at: Sequence[str | int], says: str, *, of_key: bool = False) -> Fault:
    return Fault(place=document.place(at, of_key=of_key), key=dotted(at), says=says)


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "keys and values"
    return "a list" if isinstance(value, list) else "one value"


def _keys_at(model: Any, loc: Sequence[int | str]) -> set[str]:
    """Keys a model allows at a location, looking through optionals, unions and containers."""
    models = {model}
    for part in loc:
        deeper: set[Any] = set()
        for each in models:
            for name, field in each.model_fields.items():
                if part in (name, field.alias):
                    deeper |= set(_models_in(field.annotation))
        models = deeper or models
    return {field.alias or name for each in models for name, field in each.model_fields.items()}


def _models_in(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]
