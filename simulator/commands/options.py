"""What the simulator's commands share: seed, towns, private files, and one line for what a person must mend."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway.files import BadFile, write_private
from simulator.links.link import LinkError
from simulator.sound.speech import SpeechError

Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same people, words and sounds.")]
Towns = Annotated[
    list[str] | None,
    typer.Option("--town", help='Where they live, such as "Ashland, OR"; repeat it: homes take them in turn.'),
]


@contextmanager
def one_line() -> Iterator[None]:
    """What a person has to mend is one line and exit code 2."""
    try:
        yield
    except (BadFile, LinkError, SpeechError) as error:
        typer.echo(f"simulator: {error}", err=True)
        sys.exit(2)


def write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Raises BadFile: it cannot be written."""
    try:
        if private:
            write_private(path, content)
        else:
            path.write_bytes(content)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be written'}") from None
