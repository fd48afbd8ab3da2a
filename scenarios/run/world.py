"""A scenario's world: its households, what they will say, and what befalls them at which time. Pure."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.model.fleet import Homes, homes_named, label
from scenarios.model.scenario import Scenario
from scenarios.model.timeline import Happening
from simulator.device.assistant import USUAL, Hearing
from simulator.device.fleet import FleetSettings, Plan, plan_fleet
from simulator.plan.changes import Change, changed, in_hours
from simulator.plan.outages import Outages
from simulator.plan.plan import joined
from simulator.plan.planned import Habits
from simulator.sound.recordings import Corpus, read_corpus
from simulator.world.cohort_homes import HomeWish, adapted
from simulator.world.households import make_identities


def world_of(scenario: Scenario) -> tuple[Identities, Plan]:
    """The households, and what they will say; cohort by cohort."""
    live_in: list[str | None] = []
    for homes, places in scenario.fleet.parts:
        live_in += [homes.towns[at % len(homes.towns)] if homes.towns else None for at in range(len(places))]
    named = live_in if any(live_in) else ()
    identities = make_identities(seed=scenario.seed, households=scenario.fleet.size, live_in=named)
    for homes, places in scenario.fleet.parts:
        wish = HomeWish(
            consent=homes.consent,
            devices=homes.devices,
            children=homes.children,
            elderly=homes.elderly,
        )
        if wish != HomeWish():
            identities = adapted(identities, wish, places, seed=scenario.seed)
    plans = []
    for homes, at in scenario.fleet.parts:
        plan = plan_fleet(settings_of(scenario, homes), identities, homes=at)
        if homes.mutes is not None:
            plan = in_hours(plan, {label(place) for place in at}, homes.mutes.from_, homes.mutes.until)
        plans.append(plan)
    plan = joined(plans)
    for change in changes(scenario):
        plan = changed(plan, change)
    return identities, only_these(_patient(plan, scenario), scenario.fleet.only)


def changes(scenario: Scenario) -> list[Change]:
    """The events of the timeline that befall devices; a mute lasts until the next `unmute` of one of its homes."""
    found = []
    for event in scenario.timeline:
        if event.do not in ("mute", "clock_step", "partition"):
            continue
        homes = homes_named(scenario.fleet, event.household, event.cohort)
        until = event.until
        if event.do == "mute" and until is None:
            until = min((e.at for e in scenario.timeline if _unmutes(e, event, homes, scenario)), default=None)
        found.append(Change(what=event.do, homes=homes, from_ms=event.at, until_ms=until, by_ms=event.by or 0))
    return found


def _unmutes(event: Happening, mute: Happening, homes: frozenset[str], scenario: Scenario) -> bool:
    if event.do != "unmute" or event.at < mute.at:
        return False
    return bool(homes & homes_named(scenario.fleet, event.household, event.cohort))


def _patient(plan: Plan, scenario: Scenario) -> Plan:
    """Each device with its cohort's patience."""
    habits = {
        label(place): Habits(deadline_ms=homes.resend.wait, attempts=homes.resend.attempts)
        for homes, places in scenario.fleet.parts
        for place in places
    }
    if len(set(map(msgspec.json.encode, habits.values()))) == 1:
        settings = msgspec.structs.replace(plan.settings, habits=next(iter(habits.values())))
        return msgspec.structs.replace(plan, settings=settings)
    devices = [
        msgspec.structs.replace(device, habits=habits[device.label.rpartition("-")[0]]) for device in plan.devices
    ]
    longest = max(habits.values(), key=lambda each: each.deadline_ms)
    settings = msgspec.structs.replace(plan.settings, habits=longest)
    return msgspec.structs.replace(plan, settings=settings, devices=tuple(devices))


def only_these(plan: Plan, labels: Sequence[str]) -> Plan:
    """The plan with the utterances named; everything, where none is.

    Raises:
        BadFile: there is none of that name.
    """
    if not labels:
        return plan
    wanted = set(labels)
    if missing := sorted(wanted - {said.utterance_id for said in plan.utterances}):
        raise BadFile(f"fleet.only: {missing[0]}: the fleet says nothing of that label")
    devices = [
        msgspec.structs.replace(device, utterances=tuple(u for u in device.utterances if u.utterance_id in wanted))
        for device in plan.devices
    ]
    return msgspec.structs.replace(plan, devices=tuple(device for device in devices if device.utterances), unsent=())


def fleet_settings(scenario: Scenario) -> FleetSettings:
    """Of a fleet whose homes are alike; of the first cohort where they are not."""
    return settings_of(scenario, scenario.fleet.parts[0][0])


def settings_of(scenario: Scenario, homes: Homes) -> FleetSettings:
    usual_gap = FleetSettings().gap_ms
    spread = int((homes.days or 0) * 86_400_000 / (homes.utterances_per_device + 1))
    return FleetSettings(
        seed=scenario.seed,
        households=scenario.fleet.size,
        utterances_per_device=homes.utterances_per_device,
        mix=homes.mix,
        snr_db=20.0 if isinstance(homes.snr_db, tuple) else homes.snr_db,
        snr_range=homes.snr_db if isinstance(homes.snr_db, tuple) else None,
        voices=homes.voices,
        talk_after=homes.talk_after,
        in_rooms=homes.in_rooms,
        talk_before=homes.talk_before,
        visits=homes.visits,
        ways=homes.ways,
        distress=homes.distress,
        ring_ms=homes.ring_ms,
        wakes=homes.wakes,
        outages=Outages(reboots=homes.reboots, offline=homes.offline),
        skew_ms=homes.skew_ms,
        television=homes.television,
        heard_by=homes.together,
        hears=tuple((each.quieter_db, each.later_ms) for each in homes.hears[1:]),
        accents=homes.accents,
        alike=homes.alike,
        recordings=read_corpus(Path(homes.recordings)) if homes.recordings else Corpus(),
        recorded=homes.recorded,
        day=homes.arrivals.day(homes.television) if homes.arrivals else None,
        gap_ms=max(usual_gap, spread),
    )


def heard(scenario: Scenario) -> Hearing:
    """What the automatic transcript gets wrong."""
    fleet = scenario.fleet
    return msgspec.structs.replace(
        USUAL,
        word_error_rate=fleet.word_error_rate,
        time_jitter_ms=fleet.time_jitter_ms,
        wake_like=fleet.wake_like,
    )
