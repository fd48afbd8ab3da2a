"""`earlid target probe`: what can be read of a target, which checks that makes possible, what to add for the rest."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from scenarios.kept import people_see
from scenarios.kept.needs import ADD, NEEDS, described, missing, opened, roles
from scenarios.kept.read.clip import Read, Unreadable
from scenarios.kept.read.readers import read_kept
from scenarios.kept.read.review import look
from scenarios.kept.sound import samples_of
from scenarios.model.targets.kept import KeptNone
from scenarios.model.targets.named_files import all_there
from scenarios.model.targets.target_file import Attached, Command, Own, load_target_file
from scenarios.own_system.device_accounts import MOST
from scenarios.own_system.lines import carries, codec_of, door_at, lines
from scenarios.run.processes import Processes
from scenarios.verdict import Outcome
from simulator.links.link import LinkError

_AFTERWARDS = "recordings"  # lies beside the truth, not in the target


def is_target(path: Path) -> bool:
    """Whether a file is meant as a target: it says which version of a target file it is, and is no scenario."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError:
        return False
    return re.search(r"^target:\s*\d+\s*(#.*)?$", text, re.MULTILINE) is not None and "scenario:" not in text


def told(path: Path) -> str:
    """What `earlid check` says of a target file; it is not asked anything. Raises as `load_target_file`, and
    BadFiles: a file that it names is not there."""
    target = load_target_file(path)
    all_there(path)
    if not isinstance(target, Own):
        return f"{path}: the built-in system, broker {target.broker}"
    return (
        f"{path}: {target.name}, {target.kind}; kept clips from {target.kept.kind}, joined by {target.join}. "
        f"`earlid target probe {path}` asks it."
    )


def probe(path: Path) -> tuple[Outcome, list[str]]:
    """Lines for a person. Unknown when nothing could be read.

    Raises:
        BadFile: the target file is wrong, or a file or credential it names is missing.
    """
    target = load_target_file(path)
    if not isinstance(target, Own):
        return Outcome.PASS, [f"{path}: the built-in system; `earlid run` starts it, and every check is possible"]
    if isinstance(target, Command):
        read = Read(clips=())  # it is not started for this
    else:
        try:
            read = read_kept(target, path.parent)
        except Unreadable as error:
            return Outcome.UNKNOWN, [f"kept: {error}", "no check is possible until it answers"]
    door = list(_of_wire(target, path.parent))
    offered = offered_by(target, read)
    there: tuple[str, ...] = ()
    if isinstance(target, Attached):
        there = (*_of_review(target, path.parent, read), *_what_is_there(target, read))
    said = [
        *(each for _, each in door),
        *there,
        *(f"not read: {note}" for note in read.notes),
    ]
    for need in NEEDS:
        lacking = missing(need.check, offered)
        said.append(f"  {need.check:<17} {'possible' if not lacking else 'not possible: ' + ADD[lacking[0]]}")
    if _AFTERWARDS in {each for need in NEEDS for each in need.of}:
        said.append("  (spoken_secrets also wants truth.scenes.json beside the truth)")
    return Outcome.PASS if all(fine for fine, _ in door) else Outcome.UNKNOWN, said


def _of_wire(target: Own, beside: Path) -> Iterator[tuple[bool, str]]:
    """Whether the fleet could speak to it, and a line about that. Nothing is said over the wire."""
    codec = codec_of(target.wire, beside)
    silent = [what for what in ("muted", "button") if what not in carries(codec)]
    told = f", which tells of no {' and no '.join(silent)}: such utterances are not sent" if silent else ""
    if isinstance(target, Command):
        yield True, f"{target.name}: `earlid run --target` starts {', '.join(part.name for part in target.parts)}"
        yield True, f"wire: {target.wire.kind}{told}; nothing was started or asked"
    elif isinstance(target, Attached) and target.broker is None and target.wire.kind != "wyoming":
        yield True, "broker: none is named; `earlid judge` judges it, `earlid run --target` cannot speak to it"
    else:
        door = door_at(target.broker, beside) if isinstance(target, Attached) and target.broker else None
        sites = list(door.devices or ())[:MOST] if door else []
        who = f"{len(sites)} devices in, each by its own account" if sites else "the fleet in"
        with TemporaryDirectory() as logs, Processes(Path(logs)) as processes:
            try:
                with lines(target, codec, door, processes, sites):
                    yield True, f"wire: {target.wire.kind}{told}; {f'the broker lets {who}' if door else 'not asked'}"
            except LinkError as error:
                yield False, f"wire: {error}"


def offered_by(target: Own, read: Read) -> set[str]:
    """Capabilities, as far as the clips that are there show them."""
    kept, offered = target.kept, {_AFTERWARDS, "paced"}
    if target.files or isinstance(target, Command):
        offered.add("files")
    if target.review is not None:
        offered.add("shown")
    if described(target.review):
        offered.add("described")
    if opened(target.review):
        offered |= {"opened", "narrows"}
    if roles(target.review):
        offered.add("roles")
    if target.review is not None and (isinstance(target, Command) or "load" in getattr(target, "may", ())):
        offered.add("visited")
    if people_see.declared(target.kept):
        offered.add("narrows")
    if target.sweep is not None:
        offered.add("clock")
    if isinstance(kept, KeptNone):
        return offered
    offered |= {"kept", "shown"}
    has = {
        "exact": any(clip.session for clip in read.clips),
        "phrase": any(clip.text for clip in read.clips),
        "sound": any(clip.audio for clip in read.clips),
        "count": False,
    }
    if has[target.join] or (not read.clips and target.join != "count"):
        offered.add("joined")
    if any(clip.pseudonym or clip.day for clip in read.clips) or (not read.clips and (kept.pseudonym or kept.day)):
        offered.add("facts")
    if kept.audio is not None and (not read.clips or _sounds(target, read)):
        offered.add("sound")
    return offered


def _sounds(target: Own, read: Read) -> int:
    kept = target.kept
    if isinstance(kept, KeptNone) or kept.audio is None:
        return 0
    return sum(samples_of(clip.audio, kept.audio) is not None for clip in read.clips if clip.audio)


def _of_review(target: Own, beside: Path, read: Read) -> Iterator[str]:
    if target.review is None:
        return
    looked = look(target.review, beside, read.ids)
    shown = sorted({each.route for each in looked.pages if each.status < 400})
    yield f"review: {len(looked.pages)} answers of {len(shown)} routes as {target.review.role}: {', '.join(shown)}"
    yield from (f"  not seen: {each}" for each in looked.unseen_of(1.0))
    yield from (f"  described and never asked: {each}" for each in looked.never_asked)


def _what_is_there(target: Own, read: Read) -> Iterator[str]:
    kept, count = target.kept, len(read.clips)
    if isinstance(kept, KeptNone):
        yield f"{target.name}: nothing can be read back (kept: none)"
        return
    yield f"{target.name}: {count} kept clips read ({kept.kind}), joined by {target.join}"
    for name, declared, there in (
        ("session", kept.session, sum(clip.session is not None for clip in read.clips)),
        ("text", kept.text, sum(clip.text is not None for clip in read.clips)),
        ("audio", kept.audio, _sounds(target, read)),
    ):
        yield f"  kept.{name:<12} {f'{there} of {count} records have it' if declared else 'not declared'}"
