"""One run from its start to its written reports, and several of them at once, each in a process of its own."""

import contextlib
import fcntl
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec

from gateway.ending import exit_at
from gateway.files import BadFile, reason_of
from scenarios.leaks.detector import LeakDetector
from scenarios.model.suite_files import Prepared
from scenarios.own_system.own_run import OwnTarget, run_own
from scenarios.report.baseline import Baseline, accept
from scenarios.report.leaking import ReportLeaks
from scenarios.report.published.written import write_reports
from scenarios.report.result import RunResult
from scenarios.run.observe import make_detector
from scenarios.run.processes import ProcessDied, die_with_parent
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Options, Run, run_scenario
from scenarios.run.world import world_of

_CLEANS_UP_S = 30.0  # a stopped run ends its own processes first


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One run, where its reports go, and what a baseline accepts of it."""

    prepared: Prepared
    out: Path
    options: Options
    own: OwnTarget | None = None
    baseline: Baseline | None = None


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A judged run. `troubles` are files that could not be written, `refused` those that would have named somebody."""

    run: Run
    troubles: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def one(asked: Asked, narrator: Narrator) -> Done:
    """Run it, judge it, write its reports.

    Raises:
        BadFile, ProcessDied, LinkError: as `run_scenario`. BadFile: another run writes there.
    """
    with alone_in(asked.out):
        if asked.own is not None:
            run = run_own(asked.prepared, asked.own, out=asked.out, options=asked.options, narrator=narrator)
        else:
            run = run_scenario(asked.prepared, out=asked.out, options=asked.options, narrator=narrator)
        run = accepted(run, asked.baseline)
        return written(run, [run.result])


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Nobody else's run writes there meanwhile; a run that was killed holds nothing.

    Raises:
        BadFile: another run does. OSError: the folder cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        raise BadFile(f"{folder}: another run writes there; --out names another folder") from None
    except OSError:
        pass  # a file system without locks
    try:
        yield
    finally:
        os.close(held)


def accepted(run: Run, baseline: Baseline | None) -> Run:
    """The run without what the baseline accepts."""
    if baseline is None:
        return run
    return msgspec.structs.replace(run, result=accept(run.result, baseline, today=datetime.now(UTC).date()))


def written(run: Run, beside: Sequence[RunResult]) -> Done:
    """Its reports, written; what could not be stands in the result."""
    troubles: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    try:
        note = write_reports(run.result, beside, run.detector)
        if note is not None:
            print(f"earlid: {note}", file=sys.stderr)  # noqa: T201
    except OSError as error:
        place = error.filename or run.result.out
        troubles = (f"{place}: the reports could not be written ({reason_of(error)})",)
    except ReportLeaks as error:
        refused = (f"{run.result.out}: {error}",)
    return Done(run=run, troubles=troubles, refused=refused)


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a child sends back: all of a `Done` but the detector, which stays in its process."""

    result: RunResult
    tags: tuple[str, ...]
    troubles: tuple[str, ...]
    refused: tuple[str, ...]


def side_by_side(
    asked: Sequence[Asked], jobs: int, said: Callable[[str], None], reached: Callable[[Done], None]
) -> list[Done]:
    """Up to `jobs` runs at once; the results in the order asked. Whatever ends this ends them all, each with its parts.

    `reached` gets each run as soon as it is judged.

    Raises:
        BadFile: a run is against somebody's own system, of which there is one. Otherwise as `one`, of the first run
            that broke; ProcessDied also when a run's process is gone.
    """
    for each in asked:
        if each.own is not None:
            raise BadFile(f"--jobs: {each.prepared.name} is against your own system, which takes one run at a time")
    waiting = list(enumerate(asked))
    running: dict[Connection, tuple[int, BaseProcess]] = {}
    done: dict[int, Done] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                at, each = waiting.pop(0)
                line, process = _started(each)
                running[line] = (at, process)
                said(f"{each.prepared.name}: started")
            for line in [each for each in wait(list(running)) if isinstance(each, Connection)]:
                at, process = running[line]
                done[at] = _received(line, asked[at])
                process.join(_CLEANS_UP_S)
                del running[line]
                reached(done[at])
                said(f"{asked[at].prepared.name}: {done[at].run.result.headline}")
    finally:
        _end([process for _, process in running.values()])
    return [done[at] for at in range(len(asked))]


def _started(asked: Asked) -> tuple[Connection, BaseProcess]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    plain = msgspec.structs.replace(
        asked.prepared, cell=dict(asked.prepared.cell), later=dict(asked.prepared.later)
    )  # a read-only view does not travel
    process = context.Process(
        target=_child, args=(there, msgspec.structs.replace(asked, prepared=plain)), name=f"run-{asked.prepared.name}"
    )
    process.start()
    there.close()
    return here, process


def _received(line: Connection, asked: Asked) -> Done:
    try:
        answer = line.recv()
    except EOFError:
        raise ProcessDied(f"{asked.prepared.name}: the process of this run is gone") from None
    if isinstance(answer, Exception):
        raise answer
    detector = _detector(asked, answer.tags)
    return Done(
        run=Run(result=answer.result, detector=detector, tags=answer.tags),
        troubles=answer.troubles,
        refused=answer.refused,
    )


def _detector(asked: Asked, tags: Sequence[str]) -> LeakDetector:
    return make_detector(world_of(asked.prepared.scenario)[0], tags)


def _child(line: Connection, asked: Asked) -> None:
    """A run in a process of its own: Ctrl-C is the parent's matter, which then asks this one to end."""
    if sys.platform == "linux":
        die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    exit_at(signal.SIGTERM, code=143, once=True)
    try:
        done = one(asked, Narrator(quiet=True))
        line.send(_Answer(result=done.run.result, tags=done.run.tags, troubles=done.troubles, refused=done.refused))
    except Exception as error:
        line.send(error)


def _end(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_CLEANS_UP_S)
        if process.is_alive():
            process.kill()
            process.join()
