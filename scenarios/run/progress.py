"""Shows the progress of a long run: a live bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Step = Callable[[int, int], None]


class Narrator:
    """Tells a person which phase a run is in. With `quiet` it prints nothing."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self.timing: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[Step]:
        """Time a phase. Call the yielded function with (done, total) while it goes on."""
        began = time.monotonic()
        if self.console.is_terminal:
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            with Progress(*columns, console=self.console, transient=True) as bar:
                task = bar.add_task(name, total=None)
                yield lambda done, total: bar.update(task, completed=done, total=total)
        else:
            yield lambda _done, _total: None
        self.timing[name] = self.timing.get(name, 0.0) + time.monotonic() - began
        self.console.print(f"  {name}: {self.timing[name]:.1f} s")

    def say(self, line: str) -> None:
        self.console.print(line, soft_wrap=True)
