"""`earlid check FILE`: reads scenarios, says in plain sentences what will happen, how much and how long."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from scenarios.model.expectation import Threshold
from scenarios.model.suite_files import Prepared
from scenarios.report.checked import QUESTIONS
from scenarios.run.world import world_of

_START_S = 9.0  # broker, vault, gateway, review tool; and their end
_UTTERANCE_S = 0.25  # spoken, sent, decided, rendered again for the checks
_CLIP_S = 0.5  # shown as page, as data and as sound, searched each time

_KINDS = {
    "wake": "requests with the wake word",
    "button": "requests by button",
    "false_wake": "speech that only sounds like the wake word",
    "noise": "noises and television",
    "muted": "said while the microphone is off",
    "no_consent": "in homes without consent",
}


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What one run will do."""

    name: str
    sentences: tuple[str, ...]
    seconds: float


def forecast(run: Prepared) -> Forecast:
    """Plans the fleet, which costs no sound, and counts."""
    scenario = run.scenario
    sentences = [*_fleet(run), *_wire(run), *_events(run), *_load(run), *_judged(run)]
    _, plan = world_of(scenario)
    clips = sum(said.expected == "keep" for said in plan.utterances)
    load = scenario.load
    most = sum(stage.duration for stage in load.stages) if load.stages else float(load.max_seconds)
    seconds = _START_S + _UTTERANCE_S * len(plan.utterances) + min(most, 4 + _CLIP_S * clips)
    if scenario.wire.pace is not None and plan.utterances:
        spoken = max(said.at_ms for said in plan.utterances) - plan.settings.began_ms
        ends = (event.until or event.at for event in scenario.timeline if event.is_while_speaking)
        span = max([spoken, *ends]) / 1_000
        seconds += sum(span / len(scenario.wire.paces) / (pace or 1) for pace in scenario.wire.paces)
    return Forecast(name=run.name, sentences=tuple(sentences), seconds=seconds)


def _fleet(run: Prepared) -> Iterator[str]:
    scenario = run.scenario
    identities, plan = world_of(scenario)
    devices = sum(len(home.devices) for home in identities.households)
    refused = sum(not home.consent for home in identities.households)
    yield f"{len(identities.households)} households with {devices} devices; {refused} have not agreed to review."
    for cohort, places in scenario.fleet.parts if scenario.fleet.cohorts else ():
        yield f"Cohort {getattr(cohort, 'name', '')}: {len(places)} of them."
    counts = Counter(said.kind for said in plan.utterances)
    told = ", ".join(f"{count} {_KINDS[kind]}" for kind, count in counts.most_common())
    yield f"They send {len(plan.utterances)} utterances: {told}."
    together = sum(said.same_as is not None for said in plan.utterances)
    if together:
        yield f"{together} of these are what another device of the home hears, too; one clip of each may be kept."
    if plan.unsent:
        yield f"{len(plan.unsent)} more are never sent: the device sleeps, starts or is offline."
    if scenario.fleet.hostile:
        yield f"Devices nobody knows misbehave: {', '.join(scenario.fleet.hostile)}."


def _wire(run: Prepared) -> Iterator[str]:
    wire = run.scenario.wire
    lines = "each device over a line of its own" if wire.connections == "own" else "over shared connections"
    pace = "as fast as the gateway answers"
    if wire.pace is not None:
        pace = " then ".join(f"at {each:g} simulated seconds a second" for each in wire.paces)
    yield f"They speak {lines}, {pace}, to the gateway under the contract {run.contract.name}."
    for line in run.scenario.faults:
        whose = f" of {line.household or 'cohort ' + str(line.cohort)}" if line.household or line.cohort else ""
        when = f", from {line.since / 1_000:g} s" if line.since else ""
        when += f", until {line.until / 1_000:g} s" if line.until is not None else ""
        yield f"Fault: {line.kind.replace('_', ' ')} befalls {line.share:.1%} of {line.of} messages{whose}{when}."


def _events(run: Prepared) -> Iterator[str]:
    for event in run.scenario.timeline:
        yield event.sentence


def _load(run: Prepared) -> Iterator[str]:
    load = run.scenario.load
    if load.stages:
        stages = ", then ".join(f"{stage.target} for {stage.duration:g} s" for stage in load.stages)
        yield f"Reviewers work in stages: {stages}; a stage ends early once every clip was seen."
    else:
        yield f"{load.reviewers} reviewers work until every clip was seen, at most {load.max_seconds} s."


def _judged(run: Prepared) -> Iterator[str]:
    scenario = run.scenario
    for name in QUESTIONS:
        if name in scenario.judged_by:
            yield f"Check {name}: {QUESTIONS[name]}"
    for each in scenario.thresholds:
        yield f"Limit: {each}" if isinstance(each, str) else f"Limit: {each.that}{_how(each)}"
    if "coverage" in scenario.checks and any(event.do == "reviewer_revoked" for event in scenario.timeline):
        yield "Note: a reviewer who is taken away may leave work undone; coverage is then unknown, better leave it out."
    if scenario.expect is not None:
        fields = f", with findings of {', '.join(scenario.expect.findings)}" if scenario.expect.findings else ""
        yield f"Expected: {scenario.expect.verdict.upper()}{fields}."


def _how(limit: Threshold) -> str:
    """How it is taken."""
    warm = f", after {limit.warmup / 1_000:g} s of warm-up" if limit.warmup else ""
    near = f", give or take {limit.tolerance:g}" if limit.tolerance else ""
    return warm + near + ("; broken, it stops the run" if limit.abort else "")


def clock(seconds: float) -> str:
    """ "about 2 minutes"."""
    if seconds < 90:
        return f"about {max(10, round(seconds, -1)):.0f} seconds"
    return f"about {seconds / 60:.0f} minutes"


def lines(runs: Sequence[Prepared]) -> Iterator[str]:
    """What to print: of a matrix the first cell in full, of the others the name."""
    whole = 0.0
    for at, run in enumerate(runs):
        ahead = forecast(run)
        whole += ahead.seconds
        same = at > 0 and run.file == runs[at - 1].file
        yield f"{ahead.name}: {clock(ahead.seconds)}" + "".join(f", {key} {said}" for key, said in run.cell.items())
        if not same:
            yield from (f"  {sentence}" for sentence in ahead.sentences)
    yield f"{len(runs)} run{'' if len(runs) == 1 else 's'}, {clock(whole)} one after another."
