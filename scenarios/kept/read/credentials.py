"""Reads the value of a declared credential from the environment or from a private file, and from nowhere else."""

import os
import stat
from pathlib import Path

from gateway.files import BadFile
from scenarios.model.targets.fields import Secret


def value_of(secret: Secret, beside: Path) -> str:
    """The credential's value. Raises BadFile if it is not set, missing, empty, or readable by others. The message never
    quotes the value."""
    if secret.env is not None:
        found = os.environ.get(secret.env, "")
        if not found:
            raise BadFile(f"target: the environment has no {secret.env}, which a credential is to be read from")
        return found
    path = beside / (secret.file or "")
    try:
        found = private_bytes(path).decode().strip()
    except UnicodeDecodeError:
        raise BadFile(f"{path}: not UTF-8 text") from None
    if not found:
        raise BadFile(f"{path}: is empty, and a credential is wanted")
    return found


def key_of(secret: Secret, beside: Path) -> bytes:
    """A key: the bytes of a file, or the text of an environment variable. Raises BadFile as `value_of`."""
    if secret.env is not None:
        return value_of(secret, beside).encode()
    return private_bytes(beside / (secret.file or ""))


def private_bytes(path: Path) -> bytes:
    """What a private file holds. Raises BadFile if it is missing or readable by others."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadFile(f"{path}: others may read this credential; chmod 600 it")
        return path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
