"""`earlid judge`: a fleet that was driven elsewhere, joined with what somebody's own system kept of it."""

import shlex
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from gateway.files import BadFile
from gateway.identities import load_identities
from scenarios.checks.intact import Pcm
from scenarios.commands.side_by_side import written
from scenarios.commands.suite import NotWritten, tell
from scenarios.kept.asked import Asked
from scenarios.kept.judged import detector_of, judged
from scenarios.kept.read.clip import Read, Unreadable
from scenarios.kept.read.readers import read_kept
from scenarios.kept.read.review import look
from scenarios.model.contract_file import contract_named
from scenarios.model.scenario import Gating
from scenarios.model.targets.target_file import Own, load_target_file
from scenarios.report.document import document
from scenarios.report.leaking import ReportLeaks
from scenarios.report.made import made
from scenarios.report.result import RunResult
from scenarios.run.progress import Narrator
from scenarios.run.scenario_run import Run
from scenarios.verdict import Outcome
from simulator.sound.scene_file import read_scenes, scenes_beside
from simulator.sound.scenes import render
from simulator.world.truth import Truth

_MOST_NAMED = 20


class Judge(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says; `identities` None: beside the truth."""

    truth: Path
    target: Path
    contract: str
    identities: Path | None
    gating: Gating
    out: Path
    as_json: bool = False


def judge_kept(said: Judge) -> Outcome:
    """Read, join, judge, write the reports, say how it went.

    Raises:
        BadFile: a file is wrong or missing. NotWritten: after all of it, when a report could not be written.
        ReportLeaks: a report would have named somebody.
    """
    started, narrator = datetime.now(UTC), Narrator(quiet=said.as_json)
    target = load_target_file(said.target)
    if not isinstance(target, Own):
        raise BadFile(f"{said.target}: kind: {target.kind}: `earlid run` judges it; allowed here: attached, command")
    contract = contract_named(said.contract)
    truth = load_truth(said.truth)
    identities = load_identities(said.identities or said.truth.with_name("identities.json"))
    with narrator.phase("what was said, made to sound again"):
        sent = recordings(said.truth, truth)
    read: Read | str
    with narrator.phase("kept clips read back"):
        try:
            read = read_kept(target, said.target.parent)
        except Unreadable as error:
            read = str(error)
    with narrator.phase("review app looked at"):
        looked = look(target.review, said.target.parent, read.ids if isinstance(read, Read) else {})
    asked = Asked(
        target=target,
        contract=contract,
        identities=identities,
        truth=truth,
        sent=sent,
        gating=said.gating,
        out=said.out,
        looked=looked,
        beside=said.target.parent,
    )
    with narrator.phase("kept clips joined, searched and judged"):
        detector = detector_of(identities)
        head = made(started=started, target=f"{target.name}, {target.kind}", operator=None, command=_again(said))
        result = msgspec.structs.replace(judged(asked, read, detector, head), timing=dict(narrator.timing))
    done = written(Run(result=result, detector=detector), [result])
    if said.as_json:
        print(msgspec.json.format(msgspec.json.encode(document(result)), indent=1).decode())  # noqa: T201
    else:
        tell([result])
        for line in named(result):
            print(line)  # noqa: T201
    if done.refused:
        raise ReportLeaks("\n".join(done.refused))
    if done.troubles:
        raise NotWritten("\n".join(done.troubles))
    return result.outcome


def load_truth(path: Path) -> Truth:
    """Raises BadFile: not there, or not a truth."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Truth)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadFile(
            f"{path}: not a truth, as `earlid run --keep-truth` and `earlid simulate fleet --truth` write it"
        ) from None


def recordings(path: Path, truth: Truth) -> dict[str, Pcm]:
    """What was sent of each utterance, sample for sample; empty without the scenes beside the truth.

    Raises:
        BadFile: the scenes are another fleet's, or sound otherwise here.
    """
    beside = scenes_beside(path)
    if not beside.exists():
        return {}
    scenes, found = read_scenes(beside), {}
    for each in truth.utterances:
        if each.utterance_id not in scenes:
            raise BadFile(f"{beside}: has no scene of {each.utterance_id}; it is another fleet's")
        sound = render(scenes[each.utterance_id])
        if sound.digest != each.pcm_digest:
            raise BadFile(f"{beside}: {each.utterance_id} sounds otherwise than it was sent; it is another fleet's")
        found[each.utterance_id] = sound.pcm
    return found


def named(result: RunResult) -> list[str]:
    """Every utterance that ended as it should not, a line each."""
    wrong = [row for row in result.ledger.rows if row.disposition not in ("kept", "dropped")]
    lines = [
        f"  {row.utterance.utterance_id} ({row.utterance.kind}): {row.disposition.replace('_', ' ')}"
        for row in wrong[:_MOST_NAMED]
    ]
    if len(wrong) > _MOST_NAMED:
        lines.append(f"  and {len(wrong) - _MOST_NAMED} more: earlid why --failed --out {result.out}")
    return lines


def _again(said: Judge) -> str:
    words = ["earlid", "judge", "--truth", str(said.truth), "--target", str(said.target)]
    words += ["--contract", said.contract, "--out", str(said.out)]
    words += ["--identities", str(said.identities)] if said.identities else []
    words += ["--most-false-accepts", f"{said.gating.max_false_accept_share:g}"]
    words += ["--most-false-rejects", f"{said.gating.max_false_reject_share:g}"]
    return shlex.join(words)
