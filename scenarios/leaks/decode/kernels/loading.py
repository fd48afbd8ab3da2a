"""Says whether the compiled functions are worth loading, and keeps what is compiled in the user's cache folder.

Loading Numba takes about a second. A process that searches one response or a few small files does without.
"""

import hashlib
import os
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

_WORTH = 8_000_000  # bytes that a process has looked at, from which loading costs less than it saves
_SWITCH = "EARLID_KERNELS"  # "none": never; "all": from the first byte on
_BYTES = {"none": 1 << 62, "all": 0}


class Use:
    """Counts the bytes that were looked at, and loads the functions once, between two parts."""

    def __init__(self, worth: int = _WORTH) -> None:
        self._left = worth
        self._tried = False
        self._loaded: ModuleType | None = None

    def functions(self, size: int) -> ModuleType | None:
        """Return the compiled functions, or None where numpy does instead. `size` is how many bytes wait."""
        self._left -= size
        return self._loaded

    def prepare(self) -> None:
        """Load the functions if enough was looked at."""
        if not self._tried and self._left <= 0:
            self._tried = True
            self._loaded = loaded()


@cache
def _use() -> Use:
    return Use(_BYTES.get(os.environ.get(_SWITCH, ""), _WORTH))


def kernels(size: int) -> ModuleType | None:
    """Return the compiled functions if `prepare` has loaded them, otherwise None."""
    return _use().functions(size)


def prepare() -> None:
    """Load the functions if this process has searched enough for them.

    It takes a second, and half a minute where they are compiled first. So it is done before a part is begun: no bound
    on a part's time may count it.
    """
    _use().prepare()


def loaded() -> ModuleType | None:
    """Load the functions, or return None: no Numba here, or no folder of the user's own to keep machine code in."""
    folder = cache_folder()
    if folder is None or find_spec("numba") is None:
        return None
    try:
        # Where this folder cannot be made, Numba would write beside the program.
        kept = folder / f"numba-{_sources()}"
        kept.mkdir(mode=0o700, exist_ok=True)
        config = import_module("numba.core.config")
        before = vars(config)["CACHE_DIR"]
        vars(config)["CACHE_DIR"] = str(kept)
        try:
            return import_module(f"{__package__}.bulk")
        finally:
            vars(config)["CACHE_DIR"] = before
    except (ImportError, OSError, RuntimeError):
        return None


def _sources() -> str:
    """Return a digest of this room's files: Numba itself asks only for the date of the file of the outermost one."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path | None:
    """Return the user's cache folder for Earlid, or None if it cannot be made or is open to anybody else."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "earlid"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
    except (OSError, RuntimeError):
        return None
    return folder if state.st_uid == os.getuid() and not state.st_mode & 0o077 else None
