"""The file that gets one line for each thing that was searched. Several processes write to its end."""

import os
from pathlib import Path


class Spool:
    """One process's door to the file. After a line that could not be written whole nothing more is written to it.

    Raises:
        OSError: from the constructor, when the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.broken = ""

    def write(self, line: bytes) -> bool:
        """Write a line. False the first time that this does not succeed: `broken` says why."""
        if self.broken:
            return True
        try:
            if os.write(self._descriptor, line) == len(line):
                return True
            self.broken = "spool: a line could be written in part only"
        except OSError as error:
            self.broken = f"spool: not written ({error.strerror or type(error).__name__})"
        return False

    def close(self) -> None:
        os.close(self._descriptor)
