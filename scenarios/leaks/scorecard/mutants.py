"""Broken applications: each is asked in process, and counts as killed when the search of its answers finds something.

A mutant file is Python with a function `mutants(home, other)` that returns {name: (ASGI application, paths)}, or
{name: {key: value}} with the keys of `Mutant`. `home` is a household the detector knows, `other` a second one.
Files are run: name only folders you trust.
"""

import asyncio
import io
import runpy
import time
import wave
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import numpy.typing as npt

from gateway.files import BadFile
from gateway.identities import Household
from scenarios.checks.audible import Comparison
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.leaks.match.sequences import guessable

Asgi = Callable[..., Any]
_AUDIBLE_MS = 30
_ASKED = 24  # times each of two questions whose answers may take different times
_TOLD = 0.9  # share of pairs in which one took longer


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """The truth's recording of what is served: int16 mono at 16 kHz; `secrets` are samples [start, end).

    `distorted`: the contract says that voices are.
    """

    pcm: bytes
    secrets: tuple[tuple[int, int], ...] = ()
    distorted: bool = False


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """`paths` are fetched in order, by one client. What else counts as found: a text of `hidden` in an answer, a
    secret of `sound` that can be heard, two paths of `timed` told apart by how long they take.

    `leaves` gives what was left behind elsewhere (a broker, a disk), as (kind, bytes).
    """

    name: str
    app: Any = None
    paths: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    sound: Sound | None = None
    timed: tuple[str, str] | None = None
    leaves: Callable[[], Iterable[tuple[str, bytes]]] | None = None


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
            found += [_mutant(name, made) for name, made in make(home, other).items()]
    if not found:
        raise BadFile(f"{folder}: no file with a function `mutants(home, other)`")
    return found


def visit(mutant: Mutant, detector: LeakDetector) -> bool:
    """Whether anything it answers or leaves gives somebody away, or its addresses can be guessed."""
    if mutant.leaves is not None:
        parts = tuple(Part(kind=kind, name="", data=data) for kind, data in mutant.leaves())
        return bool(detector.scan(Haystack(parts=parts)))
    if mutant.timed is not None:
        return asyncio.run(_told_apart(mutant))
    answers = asyncio.run(_ask(mutant))
    return (
        any(detector.scan(_haystack(answer)) for answer in answers)
        or any(text in answer.text for answer in answers for text in mutant.hidden)
        or bool(guessable([answer.content for answer in answers]))
        or (mutant.sound is not None and any(heard(answer.content, mutant.sound) for answer in answers))
    )


def heard(served: bytes, sound: Sound) -> bool:
    """Whether a served WAV still has a secret in it, or the voice as it was recorded. Anything else is no sound."""
    try:
        with wave.open(io.BytesIO(served)) as opened:
            samples = np.frombuffer(opened.readframes(opened.getnframes()), np.int16)
    except (wave.Error, EOFError):
        return False
    truth = np.frombuffer(sound.pcm, np.int16)
    compared = Comparison(truth, samples, list(sound.secrets))
    if compared.at is None:
        return False
    if any(compared.residual_ms(start, end) >= _AUDIBLE_MS for start, end in sound.secrets):
        return True
    return sound.distorted and _as_recorded(truth[compared.at :], samples)


def _as_recorded(truth: npt.NDArray[np.int16], served: npt.NDArray[np.int16]) -> bool:
    """Whether most of what sounds is sample for sample what was said."""
    size = min(len(truth), len(served))
    sounding = served[:size] != 0
    return bool(sounding.any() and (truth[:size] == served[:size])[sounding].mean() > 0.5)


def _mutant(name: str, made: Mapping[str, Any] | tuple[Any, Sequence[str]]) -> Mutant:
    if isinstance(made, Mapping):
        return Mutant(name=name, **made)
    return Mutant(name=name, app=made[0], paths=tuple(made[1]))


def _client(mutant: Mutant) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(mutant.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://mutant.test")


async def _ask(mutant: Mutant) -> Sequence[httpx.Response]:
    async with _client(mutant) as client:
        return [await client.get(path) for path in mutant.paths]


async def _told_apart(mutant: Mutant) -> bool:
    """Asked in turn, so that a busy machine delays both alike."""
    took: tuple[list[float], list[float]] = ([], [])
    async with _client(mutant) as client:
        for at in range(2 * _ASKED):
            start = time.perf_counter()
            await client.get((mutant.timed or ())[at % 2])
            took[at % 2].append(time.perf_counter() - start)
    longer = sum(one > other for one in took[0] for other in took[1]) / _ASKED**2
    return max(longer, 1 - longer) >= _TOLD


def _haystack(answer: httpx.Response) -> Haystack:
    headers = [Part(kind="response_header", name="", data=k + b": " + v) for k, v in answer.headers.raw]
    body = Part(kind="response_body", name="", data=answer.content)
    return Haystack(parts=(Part(kind="url", name="", data=str(answer.url).encode()), *headers, body))
