"""A user's own codec class: found beside the target file or where it is installed, by its dotted name."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from gateway.files import BadFile
from simulator.wires.codec import EVERYTHING, Codec

METHODS = ("started", "heard", "ended")


def own_codec(dotted: str, beside: Path) -> Codec:
    """An instance; the class takes no arguments.

    Raises:
        BadFile: there is no such class, or it has not the three methods.
    """
    made = _made(named(dotted, beside, "wire.codec"), dotted)
    lacking = [method for method in METHODS if not callable(getattr(made, method, None))]
    if lacking:
        raise BadFile(f"target: wire.codec: {dotted} has no {lacking[0]}(); wanted: {', '.join(METHODS)}")
    if not hasattr(made, "carries"):
        made.carries = EVERYTHING
    codec: Codec = made
    return codec


def named(dotted: str, beside: Path, key: str) -> Any:
    """What a module has under a name; a file beside the target file goes before an installed module.

    Raises:
        BadFile: the module or the name is not there, or the module raises when it is read.
    """
    module, _, name = dotted.rpartition(".")
    path = beside / f"{module.replace('.', '/')}.py"
    try:
        if path.is_file():
            spec = importlib.util.spec_from_file_location(module, path)
            if spec is None or spec.loader is None:
                raise BadFile(f"target: {key}: {path} cannot be read")
            found = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(found)
        else:
            found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise BadFile(f"target: {key}: {error.name} is no file beside the target file and no module") from None
    except BadFile:
        raise
    except Exception as error:  # whatever the user's module raises; its text may quote anything
        raise BadFile(f"target: {key}: {module} raises {type(error).__name__} when it is read") from None
    if not hasattr(found, name):
        raise BadFile(f"target: {key}: {module} has no {name}")
    return getattr(found, name)


def _made(kind: Any, dotted: str) -> Any:
    try:
        return kind()
    except Exception as error:  # the user's own code
        raise BadFile(f"target: wire.codec: {dotted}() raises {type(error).__name__}") from None
