"""Reads and makes key files. They have mode 0600 and are refused when others may read them."""

import secrets
import stat
from pathlib import Path

from gateway.files import BadFile, write_private


def make_or_read_key(path: Path | None) -> bytes:
    """The key in `path`. A missing file is made. Without a path the key is new and not saved. Raises BadFile."""
    if path is None:
        return secrets.token_bytes(32)
    if not path.exists():
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            write_private(fresh, secrets.token_bytes(32))
            path.hardlink_to(fresh)  # if several processes start at once, one of them wins
        except FileExistsError:
            pass
        except OSError as error:
            raise BadFile(f"{path}: {error.strerror or 'cannot be written'}") from None
        finally:
            fresh.unlink(missing_ok=True)
    return read_key(path)


def read_key(path: Path) -> bytes:
    """Read a key file. Raises BadFile if it is missing, readable by others, or shorter than 16 bytes."""
    key = read_private(path)
    if len(key.strip()) < 16:
        raise BadFile(f"{path}: a key of at least 16 bytes is wanted")
    return key


def read_private(path: Path) -> bytes:
    """Read a file that only its owner may access. Raises BadFile, which says how to fix it."""
    try:
        mode, data = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise BadFile(f"{path}: others may read it; chmod 600 it")
    return data
