"""URLs of clip stores, as commands take them."""

from pathlib import Path

from gateway.files import BadFile


def existing(store: str) -> str:
    """The URL of a store that exists: a slip of the pen makes no new, empty one.

    Raises:
        BadFile: no such file.
    """
    path = store.partition("?")[0].removeprefix("sqlite:///")
    if path != store.partition("?")[0] and not Path(path).is_file():
        raise BadFile(f"{path}: no clip store there")
    return store
