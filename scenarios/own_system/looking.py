"""Looks at somebody's own system after the fleet has spoken: kept clips, review app, people at work, files, later days.

The order of these is in `looked_at`: what asks comes before what stops the system, and what deletes comes last.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import msgspec

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.kept.asked import NOT_ASKED
from scenarios.kept.at_rest import searched
from scenarios.kept.needs import roles
from scenarios.kept.read.clip import Read, Unreadable
from scenarios.kept.read.entry import Entry, entry
from scenarios.kept.read.review import Looked, look
from scenarios.kept.read.visited import Visited
from scenarios.leaks.detector import LeakDetector
from scenarios.model.observations import Aged, Searched
from scenarios.model.suite_files import Prepared
from scenarios.model.targets.target_file import Own
from scenarios.own_system.ageing import aged, days_to_look_at
from scenarios.own_system.settle import settled, without
from scenarios.own_system.started import System
from scenarios.own_system.visitors import visited, wanted
from scenarios.run.processes import Processes
from scenarios.run.progress import Narrator


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What a look needs: scenario, target and the system as it runs. `already` are digests of clips that were there
    before the fleet spoke. `folder` is private, and gone after the run."""

    prepared: Prepared
    target: Own
    beside: Path
    system: System
    processes: Processes
    folder: Path
    identities: Identities
    detector: LeakDetector
    narrator: Narrator
    already: Collection[bytes]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of the system, and what could not be read."""

    read: Read | str
    looked: Looked
    entry: Entry
    visited: Visited
    at_rest: tuple[Searched, ...]
    places: str
    doubts: tuple[str, ...]
    older: int
    aged: tuple[Aged, ...] = ()
    unaged: str | None = None


def looked_at(around: Around) -> Seen:
    """Read kept clips, pages and files. A system that the harness started is stopped before its files are searched.

    Clips that were there before the fleet spoke are told and not judged.
    """
    target, beside, narrator, parts = around.target, around.beside, around.narrator, around.system.parts
    with narrator.phase("kept clips read back"):
        read, unsettled = settled(target, beside, around.processes.check)
        older = 0
        if isinstance(read, Read):
            read, older = without(read, around.already)
    ids = read.ids if isinstance(read, Read) else {}
    with narrator.phase("review app looked at"):
        looked = look(target.review, beside, ids)
        let_in = NOT_ASKED
        if "access" in around.prepared.scenario.judged_by and target.review is not None and roles(target.review):
            let_in = entry(target.review, beside, looked, ids)
    at_work = _at_work(around, looked, ids)
    with narrator.phase("files at rest searched"):
        if parts is not None:
            parts.stop()
        named = {name: _files(beside / name) for name in target.files}
        logs = parts.logs() if parts else []
        some = [each for files in (*named.values(), logs) for each in files if each.stat().st_size]
        at_rest = tuple(searched(some, around.detector, accepted=target.accept_unread))
    seen = Seen(
        read=read,
        looked=looked,
        entry=let_in,
        visited=at_work,
        at_rest=at_rest,
        places=around.detector.masked(_places(named, logs)),
        doubts=(unsettled,) if unsettled else (),
        older=older,
    )
    return _months_later(around, seen)


def _at_work(around: Around, looked: Looked, ids: Mapping[str, str]) -> Visited:
    """People at work in the review app, where the scenario asks and the target may be put under load."""
    review = around.target.review
    if review is None or not wanted(around.prepared.scenario, around.target):
        return Visited()
    with around.narrator.phase("people at work, every response searched") as step:
        try:
            return visited(
                around.prepared.scenario,
                review,
                around.beside,
                looked,
                ids,
                around.identities,
                processes=around.processes,
                folder=around.folder,
                step=step,
            )
        except Unreadable as error:
            return Visited(trouble=f"nobody could work in the review app: {error}")


def _months_later(around: Around, seen: Seen) -> Seen:
    """What is left in the store on later days, where the scenario asks. It comes last, because it deletes."""
    scenario, parts = around.prepared.scenario, around.system.parts
    if "retention" not in scenario.judged_by or around.target.sweep is None:
        return seen
    with around.narrator.phase("months later: what is left in the store"):
        days = days_to_look_at(around.prepared.contract, scenario.timeline)
        if parts is not None:
            parts.resume()  # a store that is read over HTTP answers only while they run
        found, trouble = aged(around.target, around.beside, days, seen.read, seen.older)
        if parts is not None:
            parts.stop()
    return msgspec.structs.replace(seen, aged=found, unaged=trouble)


def _places(named: Mapping[str, Sequence[Path]], logs: Sequence[Path]) -> str:
    """Where files were searched, how many each place has, and what was not searched."""
    told = [f"{name} ({_counted(files)})" for name, files in named.items()]
    told += [f"logs of the parts that were started ({_counted(logs)})"] if logs else []
    return (
        f"searched: {', '.join(told) or 'nothing'}; not searched: everything that `files` of the target does not name, "
        "such as databases, buckets and logs elsewhere"
    )


def _counted(files: Sequence[Path]) -> str:
    empty = sum(not each.stat().st_size for each in files)
    return f"{len(files)} files" + (f", {empty} of them empty" if empty else "")


def _files(path: Path) -> list[Path]:
    """The files of the target. Raises BadFile if one that its file names is missing."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BadFile(f"target: files: {path} is no file and no folder")
    return sorted(each for each in path.rglob("*") if each.is_file())
