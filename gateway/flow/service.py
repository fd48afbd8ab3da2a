"""The gateway's service: it routes messages, lets clips be decided, and answers devices with receipts."""

import functools
import re
from collections import Counter
from collections.abc import Callable

from gateway.clip import Clip, GateDecision
from gateway.flow.audio_routes import AudioRoutes
from gateway.flow.broadcast_wait import BroadcastWait
from gateway.flow.decider import Decider
from gateway.flow.dependencies import Dependencies as Dependencies
from gateway.flow.site_statuses import SiteStatuses
from gateway.flow.switch_routes import SwitchRoutes
from gateway.flow.watermarks import Watermarks
from gateway.intake.assembler import Assembler
from gateway.intake.consent_cache import ConsentCache
from gateway.intake.fair_queue import Arrived
from gateway.intake.stream_listener import StreamListener
from gateway.operator_messages import Statuses, StatusQuery
from gateway.reasons import REASONS
from gateway.vault.messages import VaultUnavailable
from gateway.wire import (
    SITE_ID_PATTERN,
    Button,
    Context,
    Counted,
    Receipt,
    SessionEnd,
    SessionStart,
    StopListening,
    Topics,
    Transcript,
    Watermark,
    WireError,
    decode_json,
    encode_json,
    session_named,
)

Answer = tuple[str, bytes]
_OF_A_SESSION = ("session/start", "session/end", "button")
_DECIDED_AT_ONCE = 16  # clips; then messages are read again, so that many ended sessions do not block the intake
_NAME = re.compile(SITE_ID_PATTERN[:-1])


class Service:
    """One gateway. `handle` takes in messages, and `settle` decides clips that are due. Both return what to publish.

    Not thread-safe: one worker owns it.
    """

    def __init__(self, parts: Dependencies) -> None:
        self._parts = parts
        self.counts: Counter[str] = Counter()
        self._topics = Topics(parts.topic_root)
        self._assembler = Assembler(
            max_clip_ms=parts.contract.gate.max_clip_ms,
            transcript_wait_s=parts.contract.redact.transcript.deadline_ms / 1000,
            switches=parts.switches,
        )
        self._marks = Watermarks()
        self._settled = 0
        self._consents = ConsentCache(parts.contract, parts.vault.standing, parts.monotonic)
        self._streams = StreamListener(parts.contract, parts.detector, parts.verifier, self.counts)
        self._sites = SiteStatuses(self._now_ms)
        self._audio = AudioRoutes(
            self._assembler,
            self._streams,
            self._consents,
            self.counts,
            self._sites,
            self._receipt,
            now_s=parts.monotonic,
            now_ms=self._now_ms,
        )
        gate = parts.contract.gate
        self._broadcast_wait = BroadcastWait(
            self._assembler,
            gate.media_homes,
            self._consents.welcome,
            self._consents.home if gate.same_utterance == "one_clip" else None,
            gate.refractory_ms,
        )
        self._decider = Decider(parts, self._broadcast_wait)
        self._switches = SwitchRoutes(parts, self._assembler, self._streams, self._broadcast_wait, self.counts)

    def handle(self, topic: str, payload: bytes, came: float | None = None, *, late: bool = False) -> list[Answer]:
        """Handle one message from the broker. Errors are counted and answered, never raised.

        Args:
            came: time of arrival in monotonic seconds; now if left out.
            late: the broker had stored this message. Only mute switches are then obeyed.
        """
        levels = self._topics.split(topic)
        try:
            if late:
                self._late(levels, payload)
                return []
            return self._route(levels, payload, self._parts.monotonic() if came is None else came)
        except WireError:
            self.counts["bad_message"] += 1
        except Exception as error:
            self.counts[f"broke:{type(error).__name__}"] += 1
        return []

    def take(self, came: Arrived) -> list[Answer]:
        """Handle one entry of the queue: a message or a loss entry."""
        if came.payload is None:
            return self.shed(came.topic, came.device)
        return self.handle(came.topic, came.payload, came.at_s, late=came.late)

    def settle(self) -> list[Answer]:
        """Decide up to 16 clips that are due, and answer the watermarks that are reached."""
        self._switches.write()
        answers = self._reached()
        now = self._parts.monotonic()
        answers += self._audio.settle(now)
        for clip in self._assembler.ready(now, most=_DECIDED_AT_ONCE):
            answers += self._settle_one(clip)
        return answers + self._release() + self._reached()

    @property
    def held_bytes(self) -> int:
        """Bytes of PCM in memory: open sessions, streams and waiting clips."""
        return self._assembler.held_bytes + self._streams.held_bytes + self._broadcast_wait.held_bytes

    @property
    def unsettled(self) -> bool:
        """Whether `settle` has more to do at once."""
        return self._assembler.has_ready(self._parts.monotonic())

    def shed(self, topic: str, site: str = "") -> list[Answer]:
        """A message of this topic was dropped by the queue, so its session cannot be complete.

        Without a topic, unknown messages of this site were dropped.
        """
        self.counts["shed_message"] += 1
        match self._topics.split(topic) if topic else ["earlid", site, "all"]:
            case ["hermes", "audioServer", site, session, "audioSessionFrame"] if _named(site, session):
                known = self._assembler.refused(site, session)
                if self._streams.knows(site, session):
                    self._audio.unheard(site, session, "shed", self._parts.monotonic())
                elif not known and not self._assembler.spoil(site, session, "shed", self._parts.monotonic()):
                    return [self._receipt(site, session, "overloaded")]
            case ["hermes", "audioServer", site, "audioFrame"] if _named(site):
                self._streams.reset(site)
            case ["earlid", site, "mute"] if _named(site):
                self._switches.lost(site)
            case ["earlid", site, "all"] if _named(site):
                self._assembler.spoil_all(site, "shed")
                self._switches.lost(site)
        return []

    def _route(self, levels: list[str], payload: bytes, came: float) -> list[Answer]:
        match levels:
            case ["hermes", "audioServer", site, session, "audioSessionFrame"] if _named(site, session):
                return self._audio.frame(site, session, payload, came)
            case ["hermes", "asr", "stopListening"]:
                return self._audio.stop(decode_json(payload, StopListening))
            case ["hermes", "audioServer", site, "audioFrame"] if _named(site):
                return self._audio.stream(site, payload, came)
            case ["earlid", "assistant", "transcript"]:
                self._assembler.transcript(decode_json(payload, Transcript), self._parts.monotonic())
            case ["earlid", "gateway", "watermark", "ask", token]:
                self._marks.ask(token, ends=self._assembler.ends, settled=self._settled)
            case ["earlid", "gateway", "status", "ask", token]:
                return [(self._topics.status("told", token), encode_json(self._status(payload)))]
            case ["earlid", "gateway", "counts", "ask", token]:
                return [(self._topics.counts("told", token), encode_json(Counted(counts=dict(self.counts))))]
            case ["earlid", site, *what] if _named(site):
                return self._device(site, "/".join(what), payload)
            case ["earlid", _, *_] | ["hermes", "audioServer", _, *_]:
                self.counts["bad_name"] += 1  # too long, or with characters that MQTT does not allow
            case _:
                self.counts["unknown_topic"] += 1
        return []

    def _device(self, site: str, what: str, payload: bytes) -> list[Answer]:
        try:
            return self._said(site, what, payload)
        except WireError:
            if what not in _OF_A_SESSION:
                raise
        self.counts["bad_message"] += 1
        self._sites.heard(site, unreadable=1)
        session = session_named(payload)
        told = self._assembler.give_up(site, session, self._parts.monotonic(), anew=what == "session/start")
        return [self._receipt(site, session, "bad_message")] if told else []

    def _said(self, site: str, what: str, payload: bytes) -> list[Answer]:
        now = self._parts.monotonic()
        taken, session = True, ""
        self._sites.heard(site)
        match what:
            case "session/start":
                start = decode_json(payload, SessionStart)
                self._sites.heard(site, at_ms=start.at_ms)
                self._streams.reset(site, start.session_id)
                session, taken = start.session_id, self._assembler.start(site, start, now)
            case "session/end":
                end = decode_json(payload, SessionEnd)
                session = end.session_id
                self._streams.reset(site, session)
                taken = self._assembler.refused(site, session) or self._assembler.end(site, end, now)
            case "button":
                self._assembler.button(site, decode_json(payload, Button), now)
            case "mute":
                self._switches.hear(site, payload)
            case "context":
                decode_json(payload, Context)  # only checked; place and names come from the vault
            case _:
                self.counts["unknown_topic"] += 1
        return [] if taken else [self._receipt(site, session, "overloaded")]

    def _late(self, levels: list[str], payload: bytes) -> None:
        """Handle a stored message. Only mute switches are obeyed."""
        match levels:
            case ["earlid", site, "mute"] if _named(site):
                self._switches.hear(site, payload, late=True)

    def _status(self, payload: bytes) -> Statuses:
        """The status of sites, for the operator. The broker's ACL must keep question and answer from all others."""
        query = decode_json(payload, StatusQuery)
        return self._sites.answer(query, self._parts.switches.muted, self._consents.known)

    def _now_ms(self) -> int:
        return int(self._parts.now().timestamp() * 1000)

    def _settle_one(self, clip: Clip) -> list[Answer]:
        """Decide one clip. Returns nothing for a clip that waits for others."""
        decision = self._guarded(lambda: self._decider.decide(clip))
        return [] if decision is None else [self._settled_as(clip, decision)]

    def _guarded(self, decide: Callable[[], GateDecision | None]) -> GateDecision | None:
        """Run a decision. If the vault, the store or an operator fails, nothing is kept.

        The device may send the clip again. The failure is counted by its type only: its text may quote somebody.
        """
        try:
            return decide()
        except VaultUnavailable:
            return GateDecision(keep=False, reason="vault_unavailable")
        except Exception as error:
            self.counts[f"broke:{type(error).__name__}"] += 1
            return GateDecision(keep=False, reason="failed")

    def _settled_as(self, clip: Clip, decision: GateDecision) -> Answer:
        self._settled += 1
        return self._receipt(clip.site_id, clip.session_id, decision.reason, decision)

    def _release(self) -> list[Answer]:
        """Decide the clips that have waited for others and are due."""
        due = self._decider.over(self._parts.monotonic())
        decided = [(held.clip, self._guarded(functools.partial(self._decider.once, held))) for held in due]
        return [self._settled_as(clip, decision) for clip, decision in decided if decision is not None]

    def _receipt(self, site: str, session: str, reason: str, decision: GateDecision | None = None) -> Answer:
        """The answer to a device. A harness that listens is told the scores; without a decision, the reason alone."""
        outcome = REASONS[reason].outcome
        notes = self._parts.notes
        if notes is not None and not notes.note(session, decision or GateDecision(keep=False, reason=reason)):
            self.counts["decision_not_told"] += 1
        self.counts[f"{outcome}:{reason}"] += 1
        self._sites.told(site, reason)
        receipt = Receipt(session_id=session, outcome=outcome, reason=reason)
        return self._topics.device(site, "receipt"), encode_json(receipt)

    def _reached(self) -> list[Answer]:
        if not self._marks:
            return []
        owed = [
            first for first in (self._assembler.first_owed(), self._broadcast_wait.first_owed()) if first is not None
        ]
        return [
            (self._topics.watermark("reached", token), encode_json(Watermark(settled=since)))
            for token, since in self._marks.reached(min(owed, default=None), self._settled)
        ]


def _named(*names: str) -> bool:
    """Whether these are valid ids of a site or a session."""
    return all(_NAME.fullmatch(name) for name in names)
