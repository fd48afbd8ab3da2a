"""Reads files that people write. An error names the file, the key and what is allowed. It never quotes the value."""

import contextlib
import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pydantic
import yaml

from gateway.fault_words import says


class BadFile(ValueError):
    """A file that its author has to mend. The text is one line; the exit code is 2."""


def read_yaml(path: Path) -> Any:
    """Plain YAML data.

    Raises:
        BadFile: not there, not YAML, or the same key twice.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_NoDuplicates)  # noqa: S506 (a SafeLoader)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise BadFile(f"{path}: not UTF-8 text") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadFile(f"{path}: line {line}: {error.problem}") from None
    except yaml.YAMLError:
        raise BadFile(f"{path}: not YAML") from None


class _NoDuplicates(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is one text or number", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


# What an error is called in the libraries -> what a person is told. An error's own text may quote what it choked on.
_REASONS: Mapping[str, str] = {
    "SSLError": "its certificate is not trusted",
    "gaierror": "there is no such host",
    "ConnectionRefusedError": "connection refused",
    "ConnectionResetError": "it broke off",
    "BrokenPipeError": "it broke off",
    "TimeoutException": "no answer in time",
    "TimeoutError": "no answer in time",
    "ConnectError": "no connection",
    "EndpointConnectionError": "no connection",
    "NetworkError": "it broke off",
    "RemoteProtocolError": "it does not speak HTTP",
    "TooManyRedirects": "it redirects for ever",
    "InvalidURL": "no address",
    "JSONDecodeError": "not JSON",
    "UnicodeDecodeError": "not UTF-8 text",
    "EOFError": "it ends early",
    "IncompleteRead": "it ends early",
    "MemoryError": "too large",
    "RecursionError": "nested too deeply",
    "NoCredentialsError": "no credentials",
    "OperationalError": "the database does not answer, or refuses",
    "ProgrammingError": "the database refuses the question",
    "DatabaseError": "not a database, or a damaged one",
    "HTTPError": "no answer",
    "KeyError": "something is missing in it",
    "ValueError": "it is not as expected",
}


def reason_of(error: BaseException) -> str:
    """Why something failed, in a few plain words. What lies behind an error tells more than the error."""
    chain: list[BaseException] = [error]
    while (behind := chain[-1].__cause__ or chain[-1].__context__) is not None and behind not in chain:
        chain.append(behind)
    for each in reversed(chain):
        for kind in type(each).__mro__:
            if kind.__name__ in _REASONS and (each is error or kind.__name__ in _BEHIND):
                return _REASONS[kind.__name__]
    for each in (error, *reversed(chain)):  # before a read-only disk refused a folder, it was "no such folder"
        if isinstance(each, OSError) and each.strerror:
            return each.strerror.lower()
    return "it failed in a way nobody foresaw"


_BEHIND = frozenset(("SSLError", "gaierror", "ConnectionRefusedError", "TimeoutError"))


def describe(name: str, error: pydantic.ValidationError, model: type[pydantic.BaseModel]) -> str:
    """One line for the first fault of a pydantic error: file, key and what is allowed."""
    return f"{name}: {describe_fault(error.errors(include_input=False, include_url=False)[0], model)}"


def describe_fault(fault: Mapping[str, Any], model: type[pydantic.BaseModel], *, quote: bool = False) -> str:
    """The key of one fault and what is allowed there. With `quote` the wrong value, too."""
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        allowed = sorted(_keys_at(model, fault["loc"][:-1]))
        close = difflib.get_close_matches(str(fault["loc"][-1]), allowed, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        return f"{key}: unknown key; {hint}allowed: {', '.join(allowed)}"
    message = says(fault, quote=quote)
    return f"{key}: {message}" if key else message


def _keys_at(model: Any, loc: tuple[int | str, ...]) -> set[str]:
    """The keys that a pydantic model allows at `loc`, also inside optionals, unions and containers."""
    models = {model}
    for part in loc:
        if isinstance(part, int):
            continue
        deeper: set[Any] = set()
        for each in models:
            for field_name, field in each.model_fields.items():
                if part in (field_name, field.alias):
                    deeper |= set(_models_in(field.annotation))
        models = deeper or models
    return {field.alias or name for each in models for name, field in each.model_fields.items()}


def _models_in(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]


def write_private(path: Path, data: bytes) -> None:
    """Write `data` in one step, with mode 0600 whatever the umask: a crash leaves the old file or the new one.

    Raises:
        OSError: as from the system; the caller knows what to say of the file.
    """
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def state_folder() -> Path:
    """The user's folder for what outlives a process, mode 0700: `$XDG_STATE_HOME/earlid`, else under ~/.local/state.

    Raises:
        BadFile: it cannot be made.
    """
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "earlid"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadFile(f"{folder}: {error.strerror or 'cannot be made'}; name another with XDG_STATE_HOME") from None
    return folder


def write_whole(path: Path, text: bytes) -> None:
    """Write a file. On a full disk nothing of it is left, because half a report looks like one.

    Raises:
        OSError: it could not be written; the error names the file.
    """
    try:
        path.write_bytes(text)
    except OSError as error:
        with contextlib.suppress(OSError):
            if path.is_file():  # never a device
                path.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from None
