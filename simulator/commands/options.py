"""What the simulator's commands share: options, private files, and one-line error messages."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gateway.files import BadFile, write_private
from simulator.links.link import BadAddress, LinkError
from simulator.sound.speech import SpeechError

Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same people, words and sounds.")]
Towns = Annotated[
    list[str] | None,
    typer.Option("--town", help='Where they live, such as "Ashland, OR"; repeat it: homes take them in turn.'),
]


@contextmanager
def one_line() -> Iterator[None]:
    """Turn user errors into one line on stderr and exit code 2, a broker that does not answer into exit code 3."""
    try:
        yield
    except (BadFile, BadAddress, SpeechError) as error:
        _end(error, 2)
    except LinkError as error:
        _end(error, 3)


def _end(error: Exception, code: int) -> NoReturn:
    typer.echo(f"simulator: {error}", err=True)
    sys.exit(code)


def write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file. Raises BadFile if it cannot be written."""
    try:
        if private:
            write_private(path, content)
        else:
            path.write_bytes(content)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be written'}") from None
