"""`earlid check FILE`: reads scenarios, says in plain sentences what will happen, how much and how long."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from scenarios.model.events.sentences import sentence
from scenarios.model.expectation import Expect, Threshold
from scenarios.model.fleet import Homes
from scenarios.model.suite_files import Prepared
from scenarios.model.times import in_words
from scenarios.report.checked import QUESTIONS
from scenarios.run.happen import hostile_of
from scenarios.run.world import world_of

_START_S = 9.0  # broker, vault, gateway, review tool; and their end
_UTTERANCE_S = 0.25  # spoken, sent, decided, rendered again for the checks
_CLIP_S = 0.5  # shown as page, as data and as sound, searched each time

_SIZE = ("name", "households", "share")
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
    agreed = f"{refused} {'has' if refused == 1 else 'have'} not agreed" if refused else "all have agreed"
    yield f"{_of(len(identities.households), 'household')} with {_of(devices, 'device')}; {agreed} to review."
    if not scenario.fleet.cohorts:
        yield from _homes(scenario.fleet)
    for own, (cohort, places) in zip(scenario.fleet.cohorts, scenario.fleet.parts, strict=False):
        yield f"Cohort {own.name}: {len(places)} of them{_own_keys(own)}."
        yield from (f"Cohort {own.name}: {said}" for said in _homes(cohort))
    counts = Counter(said.kind for said in plan.utterances)
    told = ", ".join(f"{count} {_KINDS[kind]}" for kind, count in counts.most_common())
    times = [said.at_ms - plan.settings.began_ms for said in plan.utterances]
    span = f", over {_about(max(times))} of simulated time" if times else ""
    yield f"They send {_of(len(plan.utterances), 'utterance')}{span}: {told or 'none'}."
    together = sum(said.same_as is not None for said in plan.utterances)
    if together:
        yield f"{together} of these are what another device of the home hears, too; one clip of each may be kept."
    if plan.unsent:
        yield f"{len(plan.unsent)} more are never sent: the device sleeps, starts or is offline."
    if scenario.fleet.hostile:
        yield f"Devices nobody knows misbehave: {', '.join(scenario.fleet.hostile)}."


def _of(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _about(ms: int) -> str:
    """A length in its largest unit, rounded."""
    for size in (86_400_000, 3_600_000, 60_000):
        if ms >= 2 * size:
            return f"about {in_words(round(ms / size) * size)}"
    return in_words(round(ms, -3))


def _homes(homes: Homes) -> Iterator[str]:
    """When homes speak and when they are silent."""
    if homes.arrivals is not None:
        said = homes.arrivals
        often, when = f"{said.per_day:g} utterances a day", f"from {_clock(said.starts)} for {in_words(said.lasts)}"
        yield f"A device hears about {often}, {when}."
        for rush in said.rushes:
            yield f"All devices send at once, {in_words(rush.at)} after the beginning, within {in_words(rush.within)}."
    if homes.mutes is not None:
        yield f"Microphones are off from {_clock(homes.mutes.from_)} to {_clock(homes.mutes.until)}."


def _own_keys(cohort: Homes) -> str:
    """What the file says of a cohort besides its name and size."""
    own = cohort.model_dump(mode="json", by_alias=True, exclude_unset=True)
    said = [f"{key} {value}" for key, value in own.items() if not isinstance(value, dict | list) and key not in _SIZE]
    return f" ({', '.join(said)})" if said else ""


def _clock(hours: float) -> str:
    return f"{int(hours):02d}:{round(hours % 1 * 60):02d}"


def _wire(run: Prepared) -> Iterator[str]:
    wire = run.scenario.wire
    lines = "each device over a line of its own" if wire.connections == "own" else "over shared connections"
    pace = "as fast as the gateway answers"
    if wire.pace is not None:
        pace = " then ".join(f"at {each:g} simulated seconds a second" for each in wire.paces)
    yield f"They speak {lines}, {pace}, to the gateway under the contract {run.contract.name}."
    for line in run.scenario.faults:
        whose = f" of {line.household or 'cohort ' + str(line.cohort)}" if line.household or line.cohort else ""
        when = f", from {in_words(line.since)} on" if line.since else ""
        when += f", until {in_words(line.until)}" if line.until is not None else ""
        which = "all messages" if line.of == "any" else f"messages {line.of}"
        yield f"Fault: {line.kind.replace('_', ' ')} befalls {100 * line.share:g} % of {which}{whose}{when}."


def _events(run: Prepared) -> Iterator[str]:
    _, plan = world_of(run.scenario)
    ends = max((said.at_ms - plan.settings.began_ms for said in plan.utterances), default=0)
    for event in run.scenario.timeline:
        yield sentence(event) + (" Nobody speaks after that." if event.is_while_speaking and event.at > ends else "")


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
        yield f"Expected: {_expected(scenario.expect)}."
    yield from _nothing_to_see(run)


def _expected(expect: Expect) -> str:
    """Everything that must come out."""
    said = [expect.verdict.upper()]
    said += [f"findings of {', '.join(expect.findings)}"] if expect.findings else []
    said += [f"no findings of {', '.join(expect.absent)}"] if expect.absent else []
    said += [f"check {name}: {outcome}" for name, outcome in expect.checks.items()]
    said += [f"utterances {ends.replace('_', ' ')}: {count}" for ends, count in expect.outcomes.items()]
    said += [f"{figure}: {count}" for figure, count in expect.counts.items()]
    return "; ".join(said)


def _nothing_to_see(run: Prepared) -> Iterator[str]:
    """The checks that will be unknown, because nothing is said that they could judge."""
    _, plan = world_of(run.scenario)
    kinds = {said.kind for said in plan.utterances}
    events = {event.do for event in run.scenario.timeline}
    forbidden = kinds & {"muted", "no_consent"} or events & {"consent_withdrawn", "household_forgotten"}
    if "should_not_exist" in run.scenario.checks and not forbidden and not hostile_of(run.scenario.fleet):
        yield "Note: nothing is said that must not be stored; should_not_exist will be unknown. `muted: 0.1` says some."
    if "gating" in run.scenario.checks and not {"wake", "false_wake"} <= kinds:
        missing = " and ".join(_KINDS[kind] for kind in ("wake", "false_wake") if kind not in kinds)
        yield f"Note: nothing is said of this kind: {missing}; gating cannot pass."


def _how(limit: Threshold) -> str:
    """How it is taken."""
    warm = f", after {in_words(limit.warmup)} of warm-up" if limit.warmup else ""
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
    first = runs[0]
    for at, run in enumerate(runs):
        ahead = forecast(run)
        whole += ahead.seconds
        same = at > 0 and run.file == runs[at - 1].file
        yield f"{ahead.name}: {clock(ahead.seconds)}" + "".join(f", {key} {said}" for key, said in run.cell.items())
        if same and run.scenario.expect != first.scenario.expect and run.scenario.expect is not None:
            yield f"  Expected: {_expected(run.scenario.expect)}."
        if not same:
            first = run
            yield from (f"  {sentence}" for sentence in ahead.sentences)
    yield f"{len(runs)} run{'' if len(runs) == 1 else 's'}, {clock(whole)} one after another."
