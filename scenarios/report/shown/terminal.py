"""Standard output for people. A table is as wide as the terminal, or as wide as it needs in a pipe or a file."""

import os

from rich.console import Console

_PIPED = 1_000  # columns


def terminal() -> Console:
    """A console for standard output. COLUMNS sets another width."""
    console = Console(highlight=False, soft_wrap=True)
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(highlight=False, soft_wrap=True, width=_PIPED)
