"""Finds what is wrong with a fleet that no type can say."""

import re
from collections.abc import Iterable

from gateway.fault_words import nearest
from gateway.files import BadFile
from scenarios.model.fleet import Fleet, Homes, homes_named
from scenarios.model.validated import Locate
from simulator.device.hostile import HOSTILE
from simulator.sound.voices import load_voices
from simulator.world.towns import find_town


def fleet_faults(fleet: Fleet) -> Iterable[Locate]:
    """Every fault with its place, a path from the scenario's top."""
    yield from _homes(("fleet",), fleet)
    for at, said in enumerate(fleet.only):
        home = re.fullmatch(r"(H\d{2,})-D\d+-\d{3,}", said)
        if home is None or home[1] not in homes_named(fleet):
            yield ("fleet", "only", at), f"{said}: an utterance of this fleet is wanted, such as H01-D1-001"
    shares = [cohort.share for cohort in fleet.cohorts if cohort.share is not None]
    for at, cohort in enumerate(fleet.cohorts):
        where = ("fleet", "cohorts", at)
        yield from _homes(where, cohort)
        if (cohort.share is None) == (cohort.households is None):
            yield where, f"{cohort.name}: either households or a share is wanted"
        elif shares and cohort.share is None:
            yield (*where, "households"), f"{cohort.name}: the others have a share; so must this one"
        if [other.name for other in fleet.cohorts].index(cohort.name) < at:
            yield (*where, "name"), f"{cohort.name}: two cohorts have this name"
    if shares and len(shares) == len(fleet.cohorts) and abs(sum(shares) - 1) > 1e-6:
        yield ("fleet", "cohorts"), f"the shares make {sum(shares):g}, and must make 1"


def _homes(at: tuple[str | int, ...], homes: Homes) -> Iterable[Locate]:
    for number, town in enumerate(homes.towns):
        try:
            find_town(town)
        except BadFile as error:
            yield (*at, "towns", number), str(error).removeprefix("town: ")
    for number, name in enumerate(homes.hostile):
        if name not in HOSTILE:
            yield (*at, "hostile", number), f"{name} is no kind of hostile device; {nearest(name, HOSTILE)}"
    try:
        known = {voice.accent for voice in load_voices(homes.voices)}
    except BadFile as error:
        yield (*at, "voices"), str(error).removeprefix("voices: ")
        return
    for number, accent in enumerate(homes.accents):
        if accent not in known:
            yield (
                (*at, "accents", number),
                f"{accent}: no voice that is {homes.voices} has it; {nearest(accent, known)}",
            )
    yield from _times(at, homes)
    said = [share for share in (homes.buttons, homes.muted, homes.false_wakes, homes.noise) if share is not None]
    if sum(said) > 1 + 1e-9:
        yield at, f"buttons, muted, false_wakes and noise make {sum(said):g}; 1 is all that is said"
    if (homes.children or 0) + (homes.elderly or 0) > 1:
        yield (*at, "children"), "children and elderly make more than 1"
    if homes.heard_by > 1 and homes.heard_by > (homes.devices or 1):
        has = homes.devices or "one or two"
        yield (*at, "heard_by"), f"{homes.heard_by}: a home has {has} devices (devices_per_household)"
    if isinstance(homes.snr_db, tuple) and homes.snr_db[0] > homes.snr_db[1]:
        yield (*at, "snr_db"), "the smaller number comes first"
    if homes.hears and homes.devices_per_household not in (None, len(homes.hears)):
        says = f"says {len(homes.hears)} devices, and devices_per_household {homes.devices_per_household}"
        yield (*at, "hears"), says
    if homes.hears and homes.heard_by not in (1, len(homes.hears)):
        yield (*at, "hears"), f"says {len(homes.hears)} devices, and heard_by {homes.heard_by}"


def _times(at: tuple[str | int, ...], homes: Homes) -> Iterable[Locate]:
    arrivals = homes.arrivals
    if arrivals is None:
        return
    for key in ("utterances_per_device", "days"):
        if key in homes.model_fields_set:
            yield (*at, key), f"{key} and arrivals both say how much is said; leave one out"
    if isinstance(arrivals.profile, tuple) and (len(arrivals.profile) != 24 or max(arrivals.profile) <= 0):
        yield (*at, "arrivals", "profile"), f"has {len(arrivals.profile)} shares; 24 are wanted, one of them above 0"
    for number, rush in enumerate(arrivals.rushes):
        if rush.at >= arrivals.lasts:
            yield (
                (*at, "arrivals", "rushes", number, "at"),
                "comes when the fleet is silent; arrivals.lasts ends before",
            )
