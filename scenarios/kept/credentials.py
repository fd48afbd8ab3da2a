"""A declared credential -> its value. From the environment or a private file, and nowhere else."""

import os
import stat
from pathlib import Path

from gateway.files import BadFile
from scenarios.model.target_file import Secret


def value_of(secret: Secret, beside: Path) -> str:
    """Raises BadFile: not set, not there, empty, or readable by others; the value is never quoted."""
    if secret.env is not None:
        found = os.environ.get(secret.env, "")
        if not found:
            raise BadFile(f"target: the environment has no {secret.env}, which a credential is to be read from")
        return found
    path = beside / (secret.file or "")
    try:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077:
            raise BadFile(f"{path}: others may read this credential; chmod 600 it")
        found = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise BadFile(f"{path}: not UTF-8 text") from None
    if not found:
        raise BadFile(f"{path}: is empty, and a credential is wanted")
    return found
