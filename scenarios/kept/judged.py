"""Makes a judged run, as `earlid run` does, from truth, identities, contract and kept clips."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from gateway.contract.model import Contract
from gateway.identities import Identities
from gateway.wire import encode_wav
from scenarios.attacks.linkage import ShownClip, linkage
from scenarios.attacks.residual import Residual
from scenarios.checks.judge import Case, judge
from scenarios.kept.join import Joined, join, stored_of
from scenarios.kept.needs import ADD, NEEDS, missing, not_checked
from scenarios.kept.read.clip import KeptClip, Read
from scenarios.kept.read.credentials import key_of
from scenarios.kept.read.review import Page
from scenarios.kept.searched import CONTROL_SEED, controls, searched, shown
from scenarios.kept.sound import samples_of
from scenarios.leaks.controls import control_household, with_control
from scenarios.leaks.detector import LeakDetector
from scenarios.model.ledger import Ledger, reconcile
from scenarios.model.must_keep import as_contract_wants
from scenarios.model.observations import Observations, Searched, Served
from scenarios.model.scenario import Gating, Scenario
from scenarios.model.targets.kept import KeptNone
from scenarios.model.targets.target_file import Own
from scenarios.model.timeline import forgotten
from scenarios.report.made import Made
from scenarios.report.result import RunResult
from scenarios.verdict import Outcome, Verdict, Where
from simulator.world.truth import Truth

Pcm = npt.NDArray[np.int16]
_JOINED = ("conservation", "should_not_exist", "gating")
CHECKS = ("leaks", "positive_control", "conservation", "should_not_exist", "gating", "spoken_secrets")
_ORDER = tuple(need.check for need in NEEDS)
_EXTRA = ("thresholds", "not_judged")  # what a scenario asks for besides, and what nobody asked for


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be judged. `sent` are the recordings by utterance; it is empty if there are none to compare with.
    `pages` is what the review app showed, and `unseen` what could not be fetched of it. `at_rest` is what the system's
    files hold.

    With a `scenario` its checks are judged, otherwise the usual ones. `doubts` say why the system may not have kept
    everything yet, and `notes` what was not sent. `beside` is the folder of the target file. `places` says where files
    at rest were searched, and where not.
    """

    target: Own
    contract: Contract
    identities: Identities
    truth: Truth
    sent: Mapping[str, Pcm]
    gating: Gating
    out: Path
    pages: tuple[Page, ...] = ()
    unseen: tuple[str, ...] = ()
    scenario: Scenario | None = None
    at_rest: tuple[Searched, ...] = ()
    beside: Path = Path()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    places: str | None = None

    @property
    def checks(self) -> tuple[str, ...]:
        named = CHECKS if self.scenario is None else tuple(self.scenario.judged_by)
        return tuple(sorted(named, key=_ORDER.index))


def detector_of(identities: Identities) -> LeakDetector:
    """A detector that knows every identity, and the planted household."""
    return LeakDetector(with_control(identities, control_household(CONTROL_SEED)))


def judged(asked: Asked, read: Read | str, detector: LeakDetector, made: Made) -> RunResult:
    """Judge a run. `read` is what was read back, or the reason why nothing could be read: then every check is unknown.

    Raises:
        BadFile: the join key is missing.
    """
    clips = read.clips if isinstance(read, Read) else ()
    truth = as_contract_wants(asked.truth, asked.contract, asked.identities, forgotten=_forgotten(asked))
    heard = _heard(asked, clips)
    key = key_of(asked.target.join_key, asked.beside) if asked.target.join_key else None
    joined = join(asked.target.join, clips, truth, heard, asked.sent, key)
    ledger, unexplained = _ledger(asked, truth, clips, joined)
    seen = _seen(asked, clips, joined, heard, detector)
    scenario = asked.scenario or Scenario.model_validate(
        {
            "scenario": 1,
            "name": asked.target.name,
            "about": "A system that is somebody's own, judged by what it kept.",
            "seed": asked.truth.seed,
            "checks": CHECKS,
            "gating": asked.gating,
        }
    )
    case = Case(
        scenario=scenario,
        contract=asked.contract,
        ledger=ledger,
        seen=seen,
        pace=asked.truth.pace if scenario.wire.pace is not None else None,
        capabilities=frozenset({"join:exact", "truth:audio", "at_rest"}),
        as_sent=not _altered(asked),
        residual=_linked(clips, joined, truth) if "linkage" in asked.checks else None,
    )
    verdicts = _verdicts(asked, case, read, joined, _offered(asked, clips, joined, heard), unexplained, detector)
    return RunResult(
        scenario=scenario,
        contract=asked.contract,
        verdicts=verdicts,
        ledger=ledger,
        seen=seen,
        timing={},
        households=len(asked.identities.households),
        broker="driven elsewhere",
        integrity=case.integrity,
        audible=case.listened,
        pace=asked.truth.pace,
        made=made,
        out=asked.out,
    )


def _verdicts(
    asked: Asked,
    case: Case,
    read: Read | str,
    joined: Joined,
    offered: Collection[str],
    unexplained: int,
    detector: LeakDetector,
) -> tuple[Verdict, ...]:
    """The verdict of each check that can be judged. Each other check says why it cannot be."""
    clips = read.clips if isinstance(read, Read) else ()
    unseen = [detector.masked(each) for each in asked.unseen]
    open_ones = {check: missing(check, offered) for check in asked.checks}
    # Files and the fleet's own pace do not hang on what could be read back.
    run = [c for c in asked.checks if not open_ones[c] and (isinstance(read, Read) or c in ("at_rest", "pace"))]
    verdicts = [
        _settled(_placed(verdict), asked, unseen, read, joined, unexplained)
        for verdict in judge(case, run)
        if verdict.check in run or (asked.scenario is not None and verdict.check in _EXTRA)
    ]
    for check in asked.checks:
        if check not in run:
            why = read if isinstance(read, str) else _why(asked, clips, open_ones[check])
            if check == "leaks" and isinstance(read, Read) and unseen:
                why = "; ".join(unseen)
            if "builtin" in open_ones[check]:
                why = ADD["builtin"]
            verdicts.append(not_checked(check, why))
    order = (*_ORDER, *_EXTRA)
    return tuple(sorted(verdicts, key=lambda verdict: order.index(verdict.check)))


def _forgotten(asked: Asked) -> frozenset[str]:
    """The households that the scenario's timeline forgets."""
    return forgotten(asked.scenario.timeline) if asked.scenario else frozenset()


def _heard(asked: Asked, clips: Sequence[KeptClip]) -> dict[str, Pcm]:
    kept = asked.target.kept
    if isinstance(kept, KeptNone) or kept.audio is None:
        return {}
    found = {clip.label: samples_of(clip.audio, kept.audio) for clip in clips if clip.audio}
    return {label: pcm for label, pcm in found.items() if pcm is not None}


def _ledger(asked: Asked, truth: Truth, clips: Sequence[KeptClip], joined: Joined) -> tuple[Ledger, int]:
    """The ledger without the clips that could not be told, and the number of requests that are missing without a
    receipt."""
    if asked.target.join == "count" or not joined.of:
        return Ledger(rows=(), unexplained=0), 0
    key = secrets.token_bytes(32)
    stored = stored_of(joined, clips, truth, key)
    kept = set(joined.of.values())
    unclear = joined.candidates - kept
    told = msgspec.structs.replace(
        truth, utterances=tuple(said for said in truth.utterances if said.utterance_id not in unclear)
    )
    ledger = reconcile(told, stored, {}, join_key=key)
    if asked.target.receipts:
        return ledger, 0
    # Nobody said what became of a request that is not there: lost, or not heard. Judged as a rate, and said.
    rows = [
        msgspec.structs.replace(row, disposition="false_reject")
        if row.disposition == "lost" and row.utterance.acoustic
        else row
        for row in ledger.rows
    ]
    changed = sum(one is not other for one, other in zip(rows, ledger.rows, strict=True))
    return msgspec.structs.replace(ledger, rows=tuple(rows)), changed


def _seen(
    asked: Asked, clips: Sequence[KeptClip], joined: Joined, heard: Mapping[str, Pcm], detector: LeakDetector
) -> Observations:
    review = asked.target.review
    rows = searched(clips, detector) + shown(asked.pages, review.role if review else "", detector)
    served = {
        clip.label: Served(
            ref=clip.label,
            facts={},
            wav=encode_wav(heard[clip.label].astype("<i2").tobytes()) if clip.label in heard else None,
            clean=False,  # a stranger's clip is never shown in a report
        )
        for clip in clips
        if joined.of.get(clip.label) in asked.sent
    }
    return Observations(
        responses=rows,
        controls=controls(detector),
        served=served,
        routes=frozenset(),
        at_rest=asked.at_rest,
        load=None,
        looked_for=detector.fields,
        left_out=detector.left_out,
        sounds=asked.sent,
    )


def _linked(clips: Sequence[KeptClip], joined: Joined, truth: Truth) -> Residual:
    """How well clips of one household can be joined by what people see of them. In which order they see clips nobody
    told, so that it is not judged."""
    homes = {said.utterance_id: said.household_id for said in truth.utterances}
    shown = [
        ShownClip(
            household=homes[joined.of[clip.label]],
            position=0,
            device=clip.pseudonym,
            recorded_on=clip.day,
            transcript=clip.text,
        )
        for clip in clips
        if joined.of.get(clip.label) in homes
    ]
    seen = {
        "ids": any(clip.device for clip in shown),
        "times": any(clip.recorded_on for clip in shown),
        "words": any(clip.transcript for clip in shown),
    }
    return Residual(links=tuple(link for link in linkage(shown) if seen.get(link.by)))


def _altered(asked: Asked) -> bool:
    kept = asked.target.kept
    return not isinstance(kept, KeptNone) and kept.audio is not None and kept.audio.altered


def _offered(asked: Asked, clips: Sequence[KeptClip], joined: Joined, heard: Mapping[str, Pcm]) -> set[str]:
    readable = not isinstance(asked.target.kept, KeptNone)
    offered = {
        "shown": readable or bool(asked.pages),
        "kept": readable,
        "joined": readable and asked.target.join != "count" and bool(joined.of or not clips),
        "sound": bool(heard),
        "recordings": bool(asked.sent),
        "files": bool(asked.at_rest),
        "facts": any(clip.pseudonym or clip.day for clip in clips),
        "paced": asked.scenario is not None and asked.scenario.wire.pace is not None,
    }
    return {name for name, there in offered.items() if there}


def _why(asked: Asked, clips: Sequence[KeptClip], lacking: Sequence[str]) -> str:
    """What the user must add, or why what was declared is not enough."""
    if "kept" not in lacking and "joined" in lacking and clips and asked.target.join != "count":
        if asked.target.join == "sound" and not asked.sent:
            return ADD["recordings"]
        return (
            f"none of {len(clips)} kept clips could be joined ({asked.target.join}): is it this fleet's truth, and do "
            "records have the id, words or sound where the target file says?"
        )
    if "joined" in lacking and asked.target.join == "count" and clips:
        wanted = sum(said.expected == "keep" for said in asked.truth.utterances)
        return (
            f"{len(clips)} clips are kept, {wanted} requests were to be; which is which nobody knows: {ADD['joined']}"
        )
    return "; ".join(ADD[need] for need in lacking)


def _placed(verdict: Verdict) -> Verdict:
    """Findings of audible secrets with the place "a kept sound", because there is no route."""
    findings = tuple(
        msgspec.structs.replace(each, where=Where(kind="audio", name="kept sound"))
        if each.where.kind == "audio"
        else each
        for each in verdict.findings
    )
    return msgspec.structs.replace(verdict, findings=findings)


def _settled(
    verdict: Verdict, asked: Asked, unseen: Sequence[str], read: Read | str, joined: Joined, unexplained: int
) -> Verdict:
    """Turn a pass into unknown if not everything was examined. What was never sent is noted and fails nobody."""
    if verdict.check in _JOINED and asked.notes:
        verdict = msgspec.structs.replace(verdict, why="; ".join((verdict.why, *asked.notes)))
    if verdict.check == "at_rest" and asked.places:
        verdict = msgspec.structs.replace(verdict, why=f"{verdict.why}; {asked.places}")
    doubts = list(read.notes) if isinstance(read, Read) and verdict.check in (*_JOINED, "leaks") else []
    doubts += asked.doubts if verdict.check in (*_JOINED, "leaks", "spoken_secrets") else ()
    doubts += unseen if verdict.check == "leaks" else ()
    if verdict.check in (*_JOINED, "spoken_secrets") and joined.untold:
        doubts.append(f"{len(joined.untold)} clips could be several utterances or none, and are not counted")
    if verdict.check == "conservation" and unexplained:
        doubts.append(
            f"{unexplained} requests are not kept and no receipt says why: lost, or not heard (gating judges the rate)"
        )
    if not doubts:
        return verdict
    outcome = Outcome.UNKNOWN if verdict.outcome is Outcome.PASS else verdict.outcome
    return msgspec.structs.replace(verdict, outcome=outcome, why="; ".join((verdict.why, *doubts)))
