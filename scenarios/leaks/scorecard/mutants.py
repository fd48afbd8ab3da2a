"""Broken applications: each is asked in process, and counts as killed when the search of its answers finds something.

A mutant file is Python with a function `mutants(home, other)` that returns {name: (ASGI application, paths)}. `home`
is a household the detector knows, `other` a second one. Files are run: name only folders you trust.
"""

import asyncio
import runpy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from gateway.files import BadFile
from gateway.identities import Household
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.leaks.sequences import guessable

Asgi = Callable[..., Any]


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """`paths` are fetched in order, by one client; headers of a request stand after a space ("/x cookie=1")."""

    name: str
    app: Any
    paths: tuple[str, ...]


def load_mutants(folder: Path, home: Household, other: Household) -> list[Mutant]:
    """Every mutant of every file `*.py` in the folder, in name order.

    Raises:
        BadFile: no such folder, or no mutants in it.
    """
    if not folder.is_dir():
        raise BadFile(f"{folder}: no such folder of mutants")
    found = []
    for file in sorted(folder.glob("*.py")):
        make = runpy.run_path(str(file)).get("mutants")
        if make is not None:
            made = make(home, other)
            found += [Mutant(name=name, app=app, paths=tuple(paths)) for name, (app, paths) in made.items()]
    if not found:
        raise BadFile(f"{folder}: no file with a function `mutants(home, other)`")
    return found


def visit(mutant: Mutant, detector: LeakDetector) -> bool:
    """Whether anything in its answers gives somebody away, or its addresses can be guessed."""
    answers = asyncio.run(_ask(mutant))
    found = any(detector.scan(_haystack(answer)) for answer in answers)
    return found or bool(guessable([answer.content for answer in answers]))


async def _ask(mutant: Mutant) -> Sequence[httpx.Response]:
    transport = httpx.ASGITransport(mutant.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mutant.test") as client:
        return [await client.get(path) for path in mutant.paths]


def _haystack(answer: httpx.Response) -> Haystack:
    headers = [Part(kind="response_header", name="", data=k + b": " + v) for k, v in answer.headers.raw]
    body = Part(kind="response_body", name="", data=answer.content)
    return Haystack(parts=(Part(kind="url", name="", data=str(answer.url).encode()), *headers, body))
