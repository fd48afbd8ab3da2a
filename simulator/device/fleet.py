"""Runs a fleet's plan against a gateway, over any link and on any clock."""

from collections import Counter
from collections.abc import Callable, Generator

import simpy

from gateway.wire import RATE_HZ, Topics
from simulator.device.assistant import USUAL, Assistant, Hearing
from simulator.device.clock import Clock, Receipts, run
from simulator.device.device import DeviceContext, live
from simulator.device.live_display import Watch
from simulator.links.fault_kinds import Event
from simulator.links.faults import Faults
from simulator.links.link import Link, MqttLink
from simulator.links.swarm import SwarmLink
from simulator.plan.plan import FleetSettings, Mix, Plan, plan_fleet
from simulator.plan.planned import PlannedUtterance
from simulator.sound.scenes import Sound, prepare
from simulator.world.truth import Delivery, Pace, Truth, Unknown, Unsent, Utterance

__all__ = ["FleetSettings", "Mix", "Plan", "plan_fleet", "run_fleet", "told"]

Progress = Callable[[int, int], None]


def run_fleet(
    plan: Plan,
    *,
    link: Link,
    transcripts: Link,
    clock: Clock | None = None,
    topic_root: str = "",
    hearing: Hearing | None = None,
    faults: Faults | None = None,
    watch: Watch | None = None,
    on_progress: Progress = lambda _done, _total: None,
) -> Truth:
    """Run every device to its end and return the answer key. `render(scene)` gives the sound of an utterance again.

    `hearing` sets the assistant's errors; by default they are as usual. `faults` act on the devices' link, not on the
    assistant's. Afterwards `faults.schedule` holds the faults that happened. `watch` counts what reaches the link.
    Devices without receipts (`SEND_ONCE`) need a link that does not listen. They are done when the broker has
    acknowledged everything.

    Raises:
        ValueError: devices without receipts on a virtual clock; nothing would wait for the gateway.
        LinkError: a link broke.
        SpeechError: the synthesiser failed.
    """
    if not plan.settings.habits.receipts and (clock is None or clock.factor is None):
        raise ValueError("devices that ask for no receipts want a paced clock")
    prepare()
    env, topics, line = simpy.Environment(), Topics(topic_root), link
    receipts = Receipts(env)
    if watch is not None:
        link = _watched(watch, plan, link, topics, env)
    if faults is not None:
        link = _faulty(faults, plan, link, topic_root, env, receipts)
        transcripts = faults.absent(transcripts, lambda: env.now)
    assistant = Assistant(transcripts, topics=topics, seed=plan.settings.seed, hearing=hearing or USUAL)
    book = _Book(plan, watch, on_progress)
    context = DeviceContext(
        env=env,
        began_ms=plan.settings.began_ms,
        link=link,
        receipts=receipts,
        topics=topics,
        habits=plan.settings.habits,
        hear=assistant.hear,
        done=book.done,
        lost=book.lost,
    )
    for device in plan.devices:
        env.process(live(context, device))
    pace = run(env, link=link, receipts=receipts, clock=clock or Clock())
    if not plan.settings.habits.receipts:
        link.drain()  # wait until the last messages have arrived
    return book.truth(pace, silence_s=line.silence_s if isinstance(line, MqttLink | SwarmLink) else None)


class _Book:
    """Collects the result of each planned utterance during the run."""

    def __init__(self, plan: Plan, watch: Watch | None, on_progress: Progress) -> None:
        self._plan, self._watch, self._on_progress = plan, watch, on_progress
        self._total = len(plan.utterances)
        self._utterances: list[Utterance] = []
        self._deliveries: list[Delivery] = []
        self._lost: list[Unsent] = []

    def done(self, said: PlannedUtterance, sound: Sound, delivery: Delivery) -> None:
        self._utterances.append(told(said, sound))
        self._deliveries.append(delivery)
        if self._watch is not None:
            self._watch.done(self._utterances[-1], delivery)
        self._step()

    def lost(self, unsent: Unsent) -> None:
        self._lost.append(unsent)
        if self._watch is not None:
            self._watch.missed([unsent])
        self._step()

    def truth(self, pace: Pace | None, *, silence_s: float | None) -> Truth:
        return Truth(
            seed=self._plan.settings.seed,
            utterances=tuple(sorted(self._utterances, key=lambda u: u.utterance_id)),
            deliveries=tuple(sorted(self._deliveries, key=lambda d: d.utterance_id)),
            pace=pace,
            unsent=tuple(sorted((*self._plan.unsent, *self._lost), key=lambda u: u.utterance_id)),
            silence_s=silence_s,
        )

    def _step(self) -> None:
        self._on_progress(len(self._deliveries) + len(self._lost), self._total)


def _watched(watch: Watch, plan: Plan, link: Link, topics: Topics, env: simpy.Environment) -> Link:
    watch.now_ms = lambda: env.now
    watch.away = lambda: away(plan, plan.settings.began_ms + env.now)
    watch.missed(plan.unsent)
    return watch.around(link, topics)


def _faulty(
    faults: Faults, plan: Plan, link: Link, topic_root: str, env: simpy.Environment, receipts: Receipts
) -> Link:
    faulty = faults.around(
        link,
        now_ms=lambda: env.now,
        labels={device.site_id: device.label for device in plan.devices},
        patience_ms=plan.settings.habits.deadline_ms,
        topic_root=topic_root,
    )
    for event in faults.events:
        env.process(_happen(env, event, lambda: receipts.deliver(faulty.drain())))
    return faulty


def away(plan: Plan, at_ms: float) -> Counter[str]:
    """How many devices reboot or have no connection at an epoch time."""
    return Counter(outage.kind for device in plan.devices for outage in device.outages if outage.holds(at_ms))


def _happen(env: simpy.Environment, event: Event, settle: Callable[[], None]) -> Generator[simpy.Event, None, None]:
    yield env.timeout(event.at_ms)
    if event.settled:
        settle()
    event.act()


def told(said: PlannedUtterance, sound: Sound) -> Utterance:
    """The answer key's row of a planned utterance. Its speakers are those who are still heard after the ring's cut."""
    heard = dict.fromkeys(who for who in sound.speakers if who is not None)
    return Utterance(
        utterance_id=said.utterance_id,
        household_id=said.household_id,
        device=said.site_id,
        session_id=said.session_id,
        at_ms=said.at_ms,
        kind=said.kind,
        intent=said.intent,
        expected=said.expected,
        acoustic=said.acoustic,
        text=said.text,
        words=sound.words,
        duration_ms=len(sound.pcm) * 1000 // RATE_HZ,
        pcm_digest=sound.digest,
        speakers=tuple(heard),
        same_as=said.same_as,
        unknown=_unknown(said, sound),
    )


def _unknown(said: PlannedUtterance, sound: Sound) -> tuple[Unknown, ...]:
    """What nobody knows of an utterance in which a recording is played."""
    played = any(saying.recording is not None for saying in (*said.scene.before, *said.scene.sayings))
    if not played:
        return ()
    return ("secrets", "speakers", "words") if sound.unplaced else ("secrets", "speakers")
