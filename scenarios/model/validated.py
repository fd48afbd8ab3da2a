"""A document and a pydantic model -> the model, or every fault at once: where, which key, what stands there."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar, get_args

import pydantic
from pydantic import BaseModel

from gateway.fault_words import nearest, shown
from gateway.fault_words import says as in_plain_words
from scenarios.model.yaml_file import BadFiles, Document, Fault, dotted

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]
Locate = tuple[tuple[str | int, ...], str]  # a path and a sentence

_PATTERNS = {
    "^[a-z0-9][a-z0-9-]{0,63}$": "small letters, digits and hyphens are wanted, 64 at most",
    "^(auto|mosquitto|amqtt|mqtts?://.+)$": "allowed: auto, mosquitto, amqtt, or a URL such as mqtt://host:1883",
    r"^s3://[^/\s]+(/\S*)?$": "s3://bucket or s3://bucket/prefix is wanted",
    r"(?is)^\s*(select|with)\s": "a query that begins with SELECT or WITH is wanted",
    r"^tcp://[^\s:/@]+:\d{1,5}$": "tcp://host:port is wanted",
    r"^[^/+#\s]+$": "a word without /, +, # and blanks is wanted",
    r"^[^.\s][^\s]*$": "keys and list places with points between are wanted, such as clip.files.0",
    r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$": "module.Name is wanted",
}
_SECRET_PATTERNS = {r"^[A-Za-z_][A-Za-z0-9_]*$": "the name of an environment variable is wanted"}  # never quoted
_MEMBERS = ("str", "int", "float", "bool")  # of a union, as pydantic names them
_MOST_ROUNDS = 20
_NONE: Mapping[str, Any] = MappingProxyType({})
_ONE = ("seed", "contract", "broker", "target")  # of which people write several


def validated(
    document: Document,
    model: type[Model],
    more: Callable[[Model], Iterable[Locate]] | None = None,
    *,
    also: Iterable[str] = (),
    stand_ins: Mapping[str, Any] = _NONE,
    partly: bool = False,
) -> Model:
    """`more` finds what no type can say; `also` are keys of the top that something else reads. `stand_ins` stand for
    keys of the top that are missing or wrong while `more` looks at the rest. Of a document that is there `partly`, only
    what is wrong by itself is told: what is missing, or contradicts, may be mended by the part that is not there.

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
        faults = list(_faults(document, model, error, also, partly=partly))
        rest = None if more is None or partly else _mended(document.data, model, stand_ins)
        if more is not None and rest is not None:
            also_wrong = [_fault(document, at, says) for at, says in rest.faults(more)]
            files = {each.place.file for each in faults}  # what another file says depends on what was taken away
            faults += [each for each in also_wrong if each.place.file in files]
        raise BadFiles(faults) from None
    if more is not None and not partly and (others := list(more(found))):
        raise BadFiles([_fault(document, at, says) for at, says in others])
    return found


def _read(model: type[Model], data: Any) -> Model:
    return model.model_validate_json(json.dumps(data), strict=True)


class _Mended:
    """What a model makes of data once everything at fault is taken away (`gone`, by paths of the data). `origin` has
    the path of the data for each path of the rest."""

    def __init__(self, rest: BaseModel, gone: set[Path], origin: Mapping[Path, Path]) -> None:
        self._rest, self._gone, self._origin = rest, gone, origin

    def faults(self, more: Callable[[Any], Iterable[Locate]]) -> Iterable[Locate]:
        """What `more` finds in the rest, but for what a stand-in says, or a key that stands there and is wrong."""
        taken = {at[:-1] for at in self._gone}
        for at, says in more(self._rest):
            if at[:1] in self._origin or not at:
                where = _original(at, self._origin)
                if where not in taken or "is wanted" not in says:
                    yield where, says


def _mended(data: dict[str, Any], model: type[Model], stand_ins: Mapping[str, Any]) -> _Mended | None:
    """The rest. Of a list its wrong entries are taken away alone. None if nothing is left that the model reads."""
    gone: set[Path] = set()
    for _ in range(_MOST_ROUNDS):
        origin: dict[Path, Path] = {}
        rest = _without(data, gone, (), (), origin)
        rest = _stood_in(rest, stand_ins)
        try:
            return _Mended(_read(model, rest), gone, origin)
        except pydantic.ValidationError as error:
            before = len(gone)
            for each in error.errors(include_url=False):
                at = _path(rest, each["loc"])
                gone.add(_original(at[:-1] if each["type"] == "missing" else at, origin))
            if () in gone or len(gone) == before:
                return None
    return None


def _stood_in(rest: dict[str, Any], stand_ins: Mapping[str, Any]) -> dict[str, Any]:
    """With the stand-ins of missing keys; one that is a mapping stands for the keys of what is there."""
    made = {key: value for key, value in stand_ins.items() if key not in rest and not isinstance(value, dict)}
    parts = {key: value for key, value in stand_ins.items() if isinstance(value, dict)}
    return {**made, **rest, **{key: {**parts[key], **rest[key]} for key in parts if isinstance(rest.get(key), dict)}}


def _without(value: Any, gone: set[Path], at: Path, now: Path, origin: dict[Path, Path]) -> Any:
    """The value without the paths `gone`. `origin` gets the old path of each new one."""
    origin[now] = at
    if isinstance(value, dict):
        return {
            key: _without(each, gone, (*at, key), (*now, key), origin)
            for key, each in value.items()
            if (*at, key) not in gone
        }
    if isinstance(value, list):
        left = [number for number in range(len(value)) if (*at, number) not in gone]
        return [_without(value[old], gone, (*at, old), (*now, new), origin) for new, old in enumerate(left)]
    return value


def _original(at: Sequence[str | int], origin: Mapping[Path, Path]) -> Path:
    """The old path of a new one, or of what holds it."""
    known = next(n for n in range(len(at), -1, -1) if tuple(at[:n]) in origin)
    return (*origin[tuple(at[:known])], *at[known:])


def _faults(
    document: Document, model: type[BaseModel], error: pydantic.ValidationError, also: Iterable[str], *, partly: bool
) -> Iterable[Fault]:
    seen: set[tuple[str | int, ...]] = set()
    for each in error.errors(include_url=False):
        at = _path(document.data, each["loc"])
        if each["type"] == "union_tag_invalid":
            at = (*at, each["ctx"]["discriminator"].strip("'"))
        if partly and _may_be_mended(each):
            continue
        if each["type"] == "too_short" and each["input"]:
            continue  # its entries are wrong, each of which is said
        if each["type"] == "extra_forbidden":
            allowed = _keys_at(model, each["loc"][:-1]) | (set(also) if len(each["loc"]) == 1 else set())
            says = f"unknown key; {nearest(str(each['loc'][-1]), allowed)}"
            yield _fault(document, at, says, of_key=True)
        elif each["type"] in ("string_type", "literal_error") and isinstance(each["input"], dict):
            continue  # a text or keys and values: the keys are told
        elif at not in seen:  # the members of a union each have something to say
            seen.add(at)
            yield _fault(document, at, _says(each))


def _may_be_mended(each: Any) -> bool:
    """Whether another file laid below could mend it: mappings are laid key by key, lists are as they stand."""
    in_list = any(isinstance(part, int) for part in each["loc"])
    return not in_list and (
        each["type"] == "missing" or (each["type"] == "value_error" and isinstance(each["input"], dict))
    )


def _says(each: Any) -> str:
    kind, context, got = each["type"], each.get("ctx") or {}, shown(each.get("input"))
    if kind == "union_tag_invalid":
        allowed = re.findall(r"'([^']*)'", context["expected_tags"])
        return f"{shown(context['tag'])} is not known; {nearest(str(context['tag']), allowed)}"
    if kind in ("literal_error", "enum"):
        allowed = [part.strip().strip("'") for part in context["expected"].replace(" or ", ", ").split(",")]
        return f"{got} is not known; {nearest(str(each.get('input')), allowed)}"
    if kind == "string_pattern_mismatch" and context["pattern"] in _SECRET_PATTERNS:
        return _SECRET_PATTERNS[context["pattern"]]
    if kind == "string_pattern_mismatch" and context["pattern"] in _PATTERNS:
        return f"{got}: {_PATTERNS[context['pattern']]}"
    if kind in ("too_short", "too_long"):
        bound = context.get("min_length", context.get("max_length"))
        return f"has {context['actual_length']} entries; {'at least' if kind == 'too_short' else 'at most'} {bound}"
    return in_plain_words(each, quote=True) + (_of(each) if kind.endswith("_type") else _share(each))


def _share(each: Any) -> str:
    """A hint for whoever writes a share as a percentage."""
    said, most = each.get("input"), (each.get("ctx") or {}).get("le")
    return f"; {said:g} % is {said / 100:g}" if most == 1 and isinstance(said, int | float) and said <= 100 else ""


def _of(each: Any) -> str:
    percent = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", str(each["input"]))
    if percent and each["type"] == "float_type" and float(percent[1]) <= 100:
        return f"; {percent[1]} % is {float(percent[1]) / 100:g}"
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
        elif number < len(loc) - 1 or not isinstance(here, dict) or part in _MEMBERS:
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
