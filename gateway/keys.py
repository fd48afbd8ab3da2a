"""Key files: read as they are, made where one is missing; mode 0600."""

import os
import secrets
from pathlib import Path

from gateway.files import BadFile


def make_or_read_key(path: Path | None) -> bytes:
    """The key in `path`, made if it is missing; without a path a new one that nobody keeps. Raises BadFile."""
    if path is None:
        return secrets.token_bytes(32)
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
    return read_key(path)


def read_key(path: Path) -> bytes:
    """Raises BadFile: not there, or under 16 bytes."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    if len(key) < 16:
        raise BadFile(f"{path}: a key of at least 16 bytes is wanted")
    return key
