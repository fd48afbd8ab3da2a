"""Makes a judged run, as `earlid run` does, from truth, identities, contract and kept clips."""

import secrets
from collections.abc import Collection, Mapping, Sequence

import msgspec

from gateway.identities import Identities
from gateway.wire import encode_wav
from scenarios.checks.judge import Case, judge
from scenarios.kept import people_see
from scenarios.kept.asked import CHECKS, NOT_ASKED, ORDER, Asked, Pcm
from scenarios.kept.doubts import placed, settled, why
from scenarios.kept.join import join, stored_of
from scenarios.kept.joined import Joined
from scenarios.kept.needs import ADD, described, missing, not_checked, opened, roles
from scenarios.kept.read.clip import KeptClip, Read
from scenarios.kept.read.credentials import key_of
from scenarios.kept.searched import CONTROL_SEED, controls, searched, shown
from scenarios.kept.sound import samples_of
from scenarios.leaks.controls import control_household, with_control
from scenarios.leaks.detector import LeakDetector
from scenarios.model.ledger import Ledger, reconcile
from scenarios.model.must_keep import as_contract_wants
from scenarios.model.observations import Observations, Probe, Served
from scenarios.model.scenario import Scenario
from scenarios.model.targets.kept import KeptNone
from scenarios.model.timeline import forgotten, withdrawn
from scenarios.report.made import Made
from scenarios.report.result import RunResult
from scenarios.verdict import Verdict
from simulator.world.truth import Truth

_EXTRA = ("thresholds", "not_judged")  # what a scenario asks for besides, and what nobody asked for


def detector_of(identities: Identities) -> LeakDetector:
    """A detector that knows every identity, and the planted household."""
    return LeakDetector(with_control(identities, control_household(CONTROL_SEED)))


def judged(asked: Asked, read: Read | str, detector: LeakDetector, made: Made) -> RunResult:
    """Judge a run. `read` is what was read back, or the reason why nothing could be read: then every check is unknown.

    Raises:
        BadFile: the join key is missing.
    """
    clips = read.clips if isinstance(read, Read) else ()
    truth = _wanted(asked)
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
        residual=people_see.left(asked, clips, joined, seen),
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
        residual=case.residual,
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
    unexplained: Sequence[str],
    detector: LeakDetector,
) -> tuple[Verdict, ...]:
    """The verdict of each check that can be judged. Each other check says why it cannot be."""
    clips = read.clips if isinstance(read, Read) else ()
    unseen = [detector.masked(each) for each in asked.looked.unseen_of(asked.contract.review.sampling)]
    unseen += [
        f"GET {detector.masked(each)} is described and was never asked; `review.clips` or `routes` may name it"
        for each in asked.looked.never_asked
    ]
    open_ones = {check: missing(check, offered) for check in asked.checks}
    # Files and the fleet's own pace do not hang on what could be read back.
    run = [c for c in asked.checks if not open_ones[c] and (isinstance(read, Read) or c in ("at_rest", "pace"))]
    verdicts = [
        settled(placed(verdict), asked, unseen, read, joined, unexplained)
        for verdict in judge(case, run)
        if verdict.check in run or (asked.scenario is not None and verdict.check in _EXTRA)
    ]
    for check in asked.checks:
        if check not in run:
            reason = read if isinstance(read, str) else why(asked, clips, open_ones[check])
            if check == "leaks" and isinstance(read, Read) and unseen:
                reason = "; ".join(unseen)
            if "builtin" in open_ones[check]:
                reason = ADD["builtin"]
            verdicts.append(not_checked(check, reason))
    order = (*ORDER, *_EXTRA)
    return tuple(sorted(verdicts, key=lambda verdict: order.index(verdict.check)))


def _wanted(asked: Asked) -> Truth:
    """The outcome each utterance must have, under the contract and what the scenario's timeline tells the system."""
    if asked.scenario is None:
        return as_contract_wants(asked.truth, asked.contract, asked.identities)
    timeline, fleet = asked.scenario.timeline, asked.scenario.fleet
    return as_contract_wants(
        asked.truth,
        asked.contract,
        asked.identities,
        forgotten=forgotten(timeline),
        withdrawn=withdrawn(timeline, fleet, asked.began_ms),
    )


def _heard(asked: Asked, clips: Sequence[KeptClip]) -> dict[str, Pcm]:
    kept = asked.target.kept
    if isinstance(kept, KeptNone) or kept.audio is None:
        return {}
    found = {clip.label: samples_of(clip.audio, kept.audio) for clip in clips if clip.audio}
    return {label: pcm for label, pcm in found.items() if pcm is not None}


def _ledger(asked: Asked, truth: Truth, clips: Sequence[KeptClip], joined: Joined) -> tuple[Ledger, tuple[str, ...]]:
    """The ledger without the clips that could not be told, and the requests that are missing without a receipt."""
    if asked.target.join == "count" or not _joins(asked, clips, joined):
        return Ledger(rows=(), unexplained=0), ()
    key = secrets.token_bytes(32)
    stored = stored_of(joined, clips, truth, key)
    kept = set(joined.of.values())
    unclear = joined.candidates - kept
    told = msgspec.structs.replace(
        truth, utterances=tuple(said for said in truth.utterances if said.utterance_id not in unclear)
    )
    ledger = reconcile(told, stored, {}, join_key=key)
    if asked.target.receipts:
        return ledger, ()
    # Nobody said what became of a request that is not there: lost, or not heard. Judged as a rate, and said.
    rows = [
        msgspec.structs.replace(row, disposition="false_reject")
        if row.disposition == "lost" and row.utterance.acoustic
        else row
        for row in ledger.rows
    ]
    pairs = zip(rows, ledger.rows, strict=True)
    changed = tuple(one.utterance.utterance_id for one, other in pairs if one is not other)
    return msgspec.structs.replace(ledger, rows=tuple(rows)), changed


def _seen(
    asked: Asked, clips: Sequence[KeptClip], joined: Joined, heard: Mapping[str, Pcm], detector: LeakDetector
) -> Observations:
    review = asked.target.review
    # Answers under load come first: a warm-up counts responses from the first one.
    rows = (
        asked.visited.responses
        + searched(clips, detector)
        + shown(asked.looked.pages, review.role if review else "", detector)
    )
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
        routes=frozenset(f"GET {detector.masked(route)}" for route in asked.looked.routes),
        at_rest=asked.at_rest,
        load=asked.visited.load,
        warm=asked.visited.warm,
        stopped=asked.visited.stopped,
        recorded=asked.visited.recorded,
        aged=asked.aged,
        probes=_masked(asked.entry.probes, detector),
        looked_for=detector.fields,
        left_out=detector.left_out,
        sounds=asked.sent,
    )


def _masked(probes: Sequence[Probe], detector: LeakDetector) -> tuple[Probe, ...]:
    """The questions without any identity that a route may hold."""
    return tuple(msgspec.structs.replace(each, asked=detector.masked(each.asked)) for each in probes)


def _joins(asked: Asked, clips: Sequence[KeptClip], joined: Joined) -> bool:
    """Whether the ledger can be made: some clip was joined, or the system kept none at all."""
    return bool(joined.of) or (not clips and not asked.older and not isinstance(asked.target.kept, KeptNone))


def _altered(asked: Asked) -> bool:
    kept = asked.target.kept
    return not isinstance(kept, KeptNone) and kept.audio is not None and kept.audio.altered


def _offered(asked: Asked, clips: Sequence[KeptClip], joined: Joined, heard: Mapping[str, Pcm]) -> set[str]:
    readable = not isinstance(asked.target.kept, KeptNone)
    offered = {
        "shown": readable or bool(asked.looked.pages),
        "kept": readable,
        "joined": readable and asked.target.join != "count" and _joins(asked, clips, joined),
        "described": described(asked.target.review) and bool(asked.looked.pages),
        "clock": bool(asked.aged),
        "opened": opened(asked.target.review) and bool(asked.looked.pages),
        "narrows": bool(people_see.declared(asked.target.kept)) or opened(asked.target.review),
        "roles": roles(asked.target.review) and asked.entry is not NOT_ASKED,
        "visited": asked.visited.load is not None,
        "sound": bool(heard),
        "recordings": bool(asked.sent),
        "files": bool(asked.at_rest),
        "facts": any(clip.pseudonym or clip.day for clip in clips),
        "paced": asked.scenario is not None and asked.scenario.wire.pace is not None,
    }
    return {name for name, there in offered.items() if there}
