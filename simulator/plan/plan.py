"""Plans a fleet: settings and identities in, every device's utterances with their scenes out. Pure."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np

from gateway.files import BadFile
from gateway.identities import Device, Household, Identities
from gateway.wire import Context
from simulator.plan import outages
from simulator.plan.first_stage import load_shares
from simulator.plan.heard_together import heard_together
from simulator.plan.outages import Outage
from simulator.plan.planned import PlannedDevice, PlannedUtterance
from simulator.plan.settings import BEGAN_MS, FleetSettings, Mix
from simulator.plan.talk import Content, Earshot, overheard, people_of, room_of
from simulator.sound.voices import load_voices
from simulator.world.arrivals import Day, arrivals, habit, watches
from simulator.world.truth import Disposition, Kind, Unsent, Why
from simulator.world.utterances import load_phrasebook, plain_text

__all__ = ["BEGAN_MS", "FleetSettings", "Mix", "Plan", "plan_fleet"]

# substreams of the seed; talk.py has the second and the fifth, twins.py the third, outline.py the sixth
_FLEET, _DAY, _SKEW, _OUTAGES, _WAKES, _TELEVISION, _NOISE = 1, 4, 7, 8, 9, 11, 12
_GUESTS_FROM = 3  # homes before this one in the file whose people come to visit


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The plan of a fleet. `unsent` are sounds that no device sends, with reasons. All others are utterances."""

    settings: FleetSettings
    devices: tuple[PlannedDevice, ...]
    unsent: tuple[Unsent, ...] = ()

    @property
    def utterances(self) -> tuple[PlannedUtterance, ...]:
        return tuple(said for device in self.devices for said in device.utterances)


def plan_fleet(settings: FleetSettings, identities: Identities, *, homes: range | None = None) -> Plan:
    """Plan what every device hears and when. Each device has its own random stream, so adding one changes no other.

    Visitors come from the up to three homes before a home in the file. So adding homes changes no earlier one, and the
    first home has no visitors. With `homes` only the homes at these positions in the file are planned (a cohort).

    Raises:
        BadFile: the phrasebook, the voices or the wake shares cannot be read, or a home cannot say any line of a kind.
    """
    if sum(msgspec.structs.astuple(settings.mix)) <= 0:
        raise BadFile("mix: at least one weight must be above 0")
    if settings.fixed_slots and settings.ways == "people":
        raise BadFile("fixed_slots: takes ways plain; a spelled name has no fixed time")
    devices: list[PlannedDevice] = []
    unsent: list[Unsent] = []
    for at in homes if homes is not None else range(len(identities.households)):
        own = _of_home(settings, at)
        planned = [
            _plan_device(own, identities.households, at, number, device)
            for number, device in enumerate(identities.households[at].devices, start=1)
        ]
        for device in heard_together(planned, own, at):
            sent, missed = _what_is_sent(own, device)
            devices.append(sent)
            unsent += missed
    return Plan(settings=settings, devices=tuple(devices), unsent=tuple(unsent))


def joined(plans: Sequence[Plan]) -> Plan:
    """Join the plans of several cohorts into one. Its settings are those of the first plan."""
    return Plan(
        settings=plans[0].settings,
        devices=tuple(device for plan in plans for device in plan.devices),
        unsent=tuple(unsent for plan in plans for unsent in plan.unsent),
    )


def _of_home(settings: FleetSettings, household: int) -> FleetSettings:
    """The settings with the values that are drawn once for each home."""
    if settings.snr_range is None:
        return settings
    least, most = settings.snr_range
    drawn = float(_stream(settings, _NOISE, household).uniform(least, most))
    return msgspec.structs.replace(settings, snr_db=drawn)


def _plan_device(
    settings: FleetSettings, homes: Sequence[Household], household: int, number: int, device: Device
) -> PlannedDevice:
    rng, home = _stream(settings, _FLEET, household, number), homes[household]
    near = _earshot(settings, homes, household, rng)
    label = f"{home.household_id}-D{number}"
    said = []
    if settings.day is not None:
        for count, (after_ms, watching) in enumerate(_day(settings.day, settings, household, number), start=1):
            at_ms = settings.began_ms + after_ms
            said.append(_plan_utterance(near, device, f"{label}-{count:03d}", at_ms, watching=watching))
    else:
        on = settings.television > 0 and _stream(settings, _TELEVISION, household).random() < settings.television
        at_ms = settings.began_ms + int(rng.integers(settings.gap_ms))
        for count in range(1, settings.utterances_per_device + 1):
            said.append(_plan_utterance(near, device, f"{label}-{count:03d}", at_ms, watching=on))
            at_ms += int(settings.gap_ms * rng.uniform(0.75, 1.25))
    place = home.home
    return PlannedDevice(
        label=label,
        site_id=device.site_id,
        context=Context(
            serial=device.serial,
            latitude=place.latitude if place else None,
            longitude=place.longitude if place else None,
        ),
        skew_ms=int(_stream(settings, _SKEW, household, number).integers(-settings.skew_ms, settings.skew_ms + 1)),
        outages=_outages(settings, household, number),
        utterances=tuple(said),
    )


def _earshot(settings: FleetSettings, homes: Sequence[Household], household: int, rng: np.random.Generator) -> Earshot:
    nearby = range(max(0, household - _GUESTS_FROM), household) if settings.visits else ()
    guests = [talker for at in nearby for talker in people_of(homes[at], settings, at) if talker.member]
    return Earshot(
        people=people_of(homes[household], settings, household),
        guests=tuple(guests),
        others=load_voices("any"),
        phrases=load_phrasebook(),
        settings=settings,
        rng=rng,
        shape=room_of(settings, household) if settings.in_rooms else None,
    )


def _stream(settings: FleetSettings, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=key))


def _day(day: Day, settings: FleetSettings, household: int, number: int) -> list[tuple[int, bool]]:
    """The times of utterances in milliseconds after the start, and whether a television is on."""
    own = habit(day, _stream(settings, _DAY, household))
    return [
        (at_ms, watches(day, own, at_ms)) for at_ms in arrivals(day, own, _stream(settings, _DAY, household, number))
    ]


def _outages(settings: FleetSettings, household: int, number: int) -> tuple[Outage, ...]:
    span_ms = settings.day.span_ms if settings.day else settings.gap_ms * (settings.utterances_per_device + 1)
    rng = _stream(settings, _OUTAGES, household, number)
    return outages.draw(settings.outages, began_ms=settings.began_ms, span_ms=span_ms, rng=rng)


def _what_is_sent(settings: FleetSettings, device: PlannedDevice) -> tuple[PlannedDevice, list[Unsent]]:
    """(the device with the utterances it sends, the sounds it does not send)."""
    awake = [said for said in device.utterances if settings.wakes == "every_sound" or _wakes(said)]
    asleep = {said.utterance_id for said in device.utterances} - {said.utterance_id for said in awake}
    absent = outages.unheard([said.at_ms for said in awake], device.outages, settings.outages.holds)
    why: dict[str, Why] = dict.fromkeys(asleep, "not_woken")
    why |= {said.utterance_id: reason for said, reason in zip(awake, absent, strict=True) if reason}
    sent = [
        msgspec.structs.replace(
            said,
            scene=msgspec.structs.replace(
                said.scene, pre_roll_ms=outages.ring_ms(said.at_ms, settings.ring_ms, device.outages)
            ),
        )
        for said in awake
        if said.utterance_id not in why
    ]
    missed = [said.unsent(why[said.utterance_id]) for said in device.utterances if said.utterance_id in why]
    return msgspec.structs.replace(device, utterances=tuple(sent)), missed


def _wakes(said: PlannedUtterance) -> bool:
    """Whether the device wakes at this sound. A button and a recording always wake it.

    The draw depends on the sound only.
    """
    if said.trigger == "button" or any(each.recording is not None for each in said.scene.sayings[:1]):
        return True
    shares = load_shares()
    if said.kind == "noise" and not said.scene.sayings:
        share = shares.sounds.get(said.scene.backdrop, 0.0)
    elif said.kind in ("noise", "false_wake"):
        share = shares.of_line(said.intent, " ".join(word.text for word in said.scene.sayings[0].words))
    else:
        share = shares.of_request(said.scene.sayings[0].voice.name)
    return bool(np.random.default_rng([said.scene.seed, _WAKES]).random() < share)


def _plan_utterance(
    near: Earshot, device: Device, utterance_id: str, at_ms: int, *, watching: bool = False
) -> PlannedUtterance:
    kind, content = _kind(near, watching)
    intent, scene = overheard(near, content, watching=watching)
    expected: Disposition = "keep" if kind in ("wake", "button") else "drop"
    words = [word.text for saying in scene.sayings for word in saying.words]
    return PlannedUtterance(
        utterance_id=utterance_id,
        household_id=near.home.household_id,
        site_id=device.site_id,
        session_id=str(UUID(bytes=near.rng.bytes(16), version=4)),
        at_ms=at_ms,
        kind=kind,
        intent=intent,
        expected=expected,
        acoustic=kind in ("wake", "false_wake", "noise"),
        trigger="button" if content == "button" else "wake",
        text=" ".join(plain_text(word) for word in words),
        scene=scene,
    )


def _kind(near: Earshot, watching: bool) -> tuple[Kind, Content]:
    """(kind of the utterance, kind of its sound). A muted device also hears requests."""
    mix = msgspec.structs.asdict(near.settings.mix)
    if watching:
        day = near.settings.day
        mix["false_wake"] *= day.television_false_wakes if day else near.settings.television_false_wakes
    weights = np.array(list(mix.values()))
    drawn = list(mix)[int(near.rng.choice(len(mix), p=weights / weights.sum()))]
    if not near.home.consent:
        return "no_consent", "button" if drawn == "button" else "wake"
    kinds: dict[str, tuple[Kind, Content]] = {
        "wake": ("wake", "wake"),
        "button": ("button", "button"),
        "false_wake": ("false_wake", "false_wake"),
        "noise": ("noise", "noise"),
        "muted": ("muted", "wake"),
    }
    return kinds[drawn]
