"""Who speaks when, and what is heard: everything that costs time is made before the load begins."""

import itertools
from collections.abc import Iterator
from uuid import UUID, uuid5

import msgspec

from gateway.files import BadFile
from gateway.identities import load_identities
from loadtests.devices.settings import Speaking
from simulator.plan.plan import FleetSettings, Mix, Plan, plan_fleet
from simulator.plan.planned import PlannedDevice, PlannedUtterance
from simulator.sound.scenes import Sound, render
from simulator.sound.speech import SpeechError

_UTTERANCES = 8  # planned for a device; after them it begins anew, with sessions of other ids


class Spoken(msgspec.Struct, frozen=True):
    """One utterance that a device sends: `after_s` seconds of real time after the device was switched on."""

    after_s: float
    said: PlannedUtterance
    sound: Sound


class Prepared:
    """The devices of one Locust process, and their sounds.

    Raises:
        BadFile: the identities cannot be read, hold no device, or nothing can be said.
    """

    def __init__(self, speaking: Speaking) -> None:
        self.speaking = speaking
        self.plan = _plan(speaking)
        if not self.plan.devices:
            raise BadFile(f"{speaking.identities}: households: no device; nobody can speak")
        try:
            self._sounds = [render(said.scene) for said in itertools.islice(self._utterances(), speaking.sounds)]
        except SpeechError as error:
            raise BadFile(f"devices: {error}") from None
        self._in_use: set[int] = set()

    def take(self, worker: int, workers: int) -> tuple[int, PlannedDevice] | None:
        """The first free device of this process's share, with its number. None: all of them are in use.

        Worker 0 of 2 has the devices 0, 2, 4; worker 1 the others.
        """
        for at in range(worker, len(self.plan.devices), workers):
            if at not in self._in_use:
                self._in_use.add(at)
                return at, self.plan.devices[at]
        return None

    def give_back(self, number: int) -> None:
        self._in_use.discard(number)

    def spoken(self, number: int, device: PlannedDevice) -> Iterator[Spoken]:
        """What a device sends, without end."""
        began, planned = self.plan.settings.began_ms, device.utterances
        round_ms = int(self.plan.settings.gap_ms * _UTTERANCES)
        for count in itertools.count():
            for at, said in enumerate(planned):
                again = count * round_ms
                told = said if not count else _renamed(said, count, again)
                sound = self._sounds[(number * _UTTERANCES + at) % len(self._sounds)]
                yield Spoken((said.at_ms - began + again) / 1_000 / self.speaking.factor, told, sound)

    def _utterances(self) -> Iterator[PlannedUtterance]:
        for device in self.plan.devices:
            yield from device.utterances


def _plan(speaking: Speaking) -> Plan:
    gap_ms = max(1, round(speaking.gap_s * 1_000 * speaking.factor))
    settings = FleetSettings(
        seed=speaking.seed, utterances_per_device=_UTTERANCES, gap_ms=gap_ms, mix=Mix(muted=0.0), wakes="every_sound"
    )
    return plan_fleet(settings, load_identities(speaking.identities))


def _renamed(said: PlannedUtterance, count: int, later_ms: int) -> PlannedUtterance:
    session = str(uuid5(UUID(said.session_id), str(count)))
    return msgspec.structs.replace(said, session_id=session, at_ms=said.at_ms + later_ms)
