"""A voice assistant's device as a Locust user.

Its rows in Locust's table: `MQTT connect` until the broker has let it in and taken its subscription, `MQTT publish`
from the first message of an utterance to the broker's last acknowledgement, less the time that speaking takes, and
`MQTT receipt` from the end of the session to the gateway's receipt.
"""

import sys
import time
from collections.abc import Iterator
from typing import Any

import gevent
import msgspec
from earlid.load.arrivals import INTENDED
from gevent.lock import RLock
from locust import User, task
from locust.exception import StopUser

from gateway.files import BadFile
from gateway.wire import Receipt, SessionEnd, Topics, encode_json
from loadtests.devices.connection import GreenLink
from loadtests.devices.prepared import Prepared, Spoken
from loadtests.devices.settings import BrokerAccount, Speaking, load_speaking
from simulator.device.assistant import USUAL, Assistant
from simulator.device.device import cut, open_session
from simulator.links.link import LinkError
from simulator.links.swarm import Account
from simulator.plan.planned import PlannedDevice, PlannedUtterance
from simulator.sound.scenes import FRAME_MS, Sound


class NotTaken(Exception):
    """The gateway did not take an utterance: no receipt in time, or one that says busy or incomplete."""


class Talker:
    """The assistant's one connection, which all devices of a process share."""

    def __init__(self, speaking: Speaking) -> None:
        self._speaking, self._lock = speaking, RLock()
        self._assistant: Assistant | None = None

    def hear(self, said: PlannedUtterance, sound: Sound) -> None:
        """Publish the transcript. Does nothing without an account for the assistant. Raises LinkError."""
        if self._speaking.assistant is None:
            return
        with self._lock:
            if self._assistant is None:
                self._assistant = self._made(self._speaking.assistant)
            try:
                self._assistant.hear(said, sound)
            except LinkError:
                self._assistant = None  # the next utterance connects anew
                raise

    def _made(self, who: BrokerAccount) -> Assistant:
        account = Account(site_id=f"assistant-{time.time_ns():x}", username=who.username, password=who.password)
        link = _link(self._speaking, account, listens=False)
        return Assistant(link, topics=Topics(self._speaking.topic_root), seed=self._speaking.seed, hearing=USUAL)


class DeviceUser(User):
    """One device of the plan. A locustfile makes its own class with `fleet = Prepared(speaking)`.

    It connects when its user starts, so that a shape of users is a ramp of connections. After a lost connection it
    connects again before its next utterance.
    """

    abstract = True
    fleet: Prepared
    talker: Talker
    _link: GreenLink | None = None
    _spoken: Iterator[Spoken]
    _next: Spoken | None = None

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self._began, self._number = 0.0, 0
        self._device: PlannedDevice | None = None

    def on_start(self) -> None:
        speaking = self.fleet.speaking
        if "talker" not in vars(type(self)):
            type(self).talker = Talker(speaking)
        found = self.fleet.take(*_share(self.environment, speaking))
        if found is None:
            why = f"there are {len(self.fleet.plan.devices)} devices in {speaking.identities}, and more users"
            self._fire("connect", time.time(), 0.0, error=LinkError(why))
            raise StopUser
        self._number, self._device = found
        self._spoken = self.fleet.spoken(*found)
        self._began = time.time()
        self._connect()

    def on_stop(self) -> None:
        if self._link is not None:
            self._link.close()
        if self._device is not None:
            self.fleet.give_back(self._number)

    def wait_time(self) -> float:
        """Seconds until the planned moment; 0 when it is over."""
        self._next = next(self._spoken)
        return max(0.0, self._began + self._next.after_s - time.time())

    @task
    def speak(self) -> None:
        """Send one utterance and wait for its receipt."""
        if self._next is None or self._device is None:
            return  # Locust runs a task before the first wait
        if self._link is None or self._link.gone is not None:
            self._connect()
        if self._link is not None:
            self._say(self._link, self._device, self._next)

    def _connect(self) -> None:
        speaking, site = self.fleet.speaking, self._device.site_id if self._device else ""
        own = speaking.accounts.get(site)
        who = BrokerAccount(username=site, password=own) if own is not None else speaking.everybody
        account = Account(site_id=site, username=who.username if who else None, password=who.password if who else None)
        at, began, error = time.time(), time.perf_counter(), None
        try:
            self._link = _link(speaking, account, listens=speaking.receipts)
        except LinkError as raised:
            self._link, error = None, raised
        self._fire("connect", at, time.perf_counter() - began, error=error)

    def _say(self, link: GreenLink, device: PlannedDevice, spoken: Spoken) -> None:
        speaking, topics = self.fleet.speaking, Topics(self.fleet.speaking.topic_root)
        at, began = time.time(), time.perf_counter()
        said = msgspec.structs.replace(spoken.said, at_ms=int(at * 1_000))
        speaks_s, size = 0.0, 0
        intended = self._began + spoken.after_s
        try:
            link.expect(said.session_id)
            open_session(link, topics, device, said)
            frames = cut(spoken.sound, said.at_ms + device.ahead_ms(said.at_ms))
            for number, frame in enumerate(frames, start=1):
                link.send(topics.frame(device.site_id, said.session_id), frame)
                size += len(frame)
                speaks_s = number * FRAME_MS / 1_000 / speaking.factor
                gevent.sleep(max(0.0, began + speaks_s - time.perf_counter()))
            self.talker.hear(said, spoken.sound)
            ended, ended_at = time.perf_counter(), time.time()
            end = SessionEnd(session_id=said.session_id, at_ms=said.at_ms + FRAME_MS * len(frames), frames=len(frames))
            link.send(topics.device(device.site_id, "session/end"), encode_json(end))
            link.drain()
        except LinkError as error:
            link.forget(said.session_id)
            self._fire("publish", at, time.perf_counter() - began - speaks_s, error=error, intended=intended)
            return
        self._fire("publish", at, time.perf_counter() - began - speaks_s, size=size, intended=intended)
        if speaking.receipts:
            self._wait_for_receipt(link, said.session_id, ended, ended_at)

    def _wait_for_receipt(self, link: GreenLink, session_id: str, ended: float, ended_at: float) -> None:
        limit_s = self.fleet.speaking.deadline_s
        error: Exception | None = None
        payload, came = b"", None
        try:
            told = link.receipt(session_id, max(0.0, ended + limit_s - time.perf_counter()))
            if told is None:
                error = NotTaken(f"no receipt within {limit_s:g} s")
            else:
                receipt, payload, came = told
                error = _refusal(receipt)
        except LinkError as raised:
            error = raised
        took = (came or time.perf_counter()) - ended
        self._fire("receipt", ended_at, took, error=error, body=payload, size=len(payload))

    def _fire(
        self,
        name: str,
        at: float,
        took_s: float,
        *,
        error: Exception | None = None,
        body: bytes = b"",
        size: int = 0,
        intended: float | None = None,
    ) -> None:
        """A row of Locust's table. `body` is what came, for the leak search."""
        context = {"role": "device"} if intended is None else {"role": "device", INTENDED: intended}
        self.environment.events.request.fire(
            request_type="MQTT",
            name=name,
            start_time=at,
            response_time=max(0.0, took_s) * 1_000,
            response_length=size,
            response=body,
            exception=error,
            context=context,
        )


def prepared() -> Prepared:
    """The devices of the settings file, or one line and exit code 2 for a person to mend."""
    try:
        return Prepared(load_speaking())
    except BadFile as error:
        sys.stderr.write(f"devices: {error}\n")
        raise SystemExit(2) from None


def _refusal(receipt: Receipt) -> Exception | None:
    return NotTaken(f"{receipt.outcome}: {receipt.reason}") if receipt.outcome in ("busy", "incomplete") else None


def _link(speaking: Speaking, account: Account, *, listens: bool) -> GreenLink:
    ca = str(speaking.ca) if speaking.ca else None
    return GreenLink(speaking.broker, account, topic_root=speaking.topic_root, ca=ca, listens=listens)


def _share(environment: Any, speaking: Speaking) -> tuple[int, int]:
    """(number of this process, number of processes)."""
    processes = int(getattr(environment.parsed_options, "processes", None) or 1)
    workers = max(speaking.workers, processes)
    return max(0, int(getattr(environment.runner, "worker_index", 0) or 0)) % workers, workers
