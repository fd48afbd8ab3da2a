"""Routes audio messages: frames of Earlid sessions go to the assembler, all other audio to the stream listener."""

from collections import Counter
from collections.abc import Callable

from gateway.clip import Clip
from gateway.flow.site_statuses import SiteStatuses
from gateway.intake.assembler import Assembler
from gateway.intake.consent_cache import ConsentCache
from gateway.intake.stream_listener import StreamListener
from gateway.wire import AudioFrame, StopListening, WireError, decode_frame

Answer = tuple[str, bytes]
Receipt = Callable[[str, str, str], Answer]  # of site, session, reason


class AudioRoutes:
    """Handles one audio message at a time. One worker owns it.

    `now_s` gives monotonic seconds, `now_ms` the gateway's clock in epoch milliseconds. Every method returns the
    answers to publish as (topic, payload).
    """

    def __init__(
        self,
        assembler: Assembler,
        streams: StreamListener,
        consents: ConsentCache,
        counts: Counter[str],
        sites: SiteStatuses,
        receipt: Receipt,
        *,
        now_s: Callable[[], float],
        now_ms: Callable[[], int],
    ) -> None:
        self._assembler, self._streams, self._consents = assembler, streams, consents
        self._sites = sites
        self._counts, self._receipt, self._now_s, self._now_ms = counts, receipt, now_s, now_ms

    def settle(self, now: float) -> list[Answer]:
        """End the Hermes sessions in which no frame arrives any more."""
        clips = self._streams.silent(now, self._now_ms())
        self._streams.forget_gone(now)
        return [answer for clip in clips for answer in self._hand_over(clip)]

    def frame(self, site: str, session: str, payload: bytes, came: float) -> list[Answer]:
        now = self._now_s()
        if self._assembler.refused(site, session):
            return []
        ours = self._assembler.knows(site, session)
        try:
            frame = decode_frame(payload)
            self._sites.heard(site, frames=1)
        except WireError:
            self._counts["undecodable_frame"] += 1
            self._sites.heard(site, unreadable=1)
            if not ours:
                return self.unheard(site, session, "undecodable", came)
            taken = self._assembler.spoil(site, session, "undecodable", now)
        else:
            if not ours and frame.seq is None:
                return self._listen(site, frame, came, session)
            taken = self._assembler.frame(site, session, frame, now)
        return [] if taken else [self._receipt(site, session, "overloaded")]

    def stream(self, site: str, payload: bytes, came: float) -> list[Answer]:
        try:
            frame = decode_frame(payload)
            self._sites.heard(site, frames=1)
        except WireError:
            self._counts["undecodable_frame"] += 1
            self._sites.heard(site, unreadable=1)
            self._streams.reset(site)
            return []
        return self._listen(site, frame, came)

    def _listen(self, site: str, frame: AudioFrame, came: float, session: str = "") -> list[Answer]:
        """Hand audio to the stream listener: audio without a session, or of a session without a `session/start`."""
        if self._assembler.muted(site) or not self._consents.welcome(site):
            self._counts["stream_ignored"] += 1
            if session:
                return self.unheard(site, session, "vault_unavailable", came)  # an earlier reason stays
            self._sites.told(site, self._why_not(site))
            self._streams.reset(site)
            return []
        room, clips = self._streams.hear(site, frame, now=came, now_ms=self._now_ms(), session=session)
        if not room and session:
            return self._no_room(site, session)
        return [answer for clip in clips for answer in self._hand_over(clip)]

    def _why_not(self, site: str) -> str:
        known = self._consents.known(site)
        if known is None:
            return "vault_unavailable"
        return "unknown_device" if not known else "muted" if self._assembler.muted(site) else "no_consent"

    def unheard(self, site: str, session: str, reason: str, came: float) -> list[Answer]:
        """Nothing of this session can be kept. Its device gets the reason when the session ends."""
        if self._streams.spoil(site, session, reason, now=came, now_ms=self._now_ms()):
            return []
        return self._no_room(site, session)

    def _no_room(self, site: str, session: str) -> list[Answer]:
        self._assembler.refuse(site, session, self._now_s())
        return [self._receipt(site, session, "overloaded")]

    def stop(self, said: StopListening) -> list[Answer]:
        """End sessions early. Anybody may send this message; it can admit nothing."""
        clips = self._streams.stop(said.site_id, said.session_id, self._now_ms())
        return [answer for clip in clips for answer in self._hand_over(clip)]

    def _hand_over(self, clip: Clip) -> list[Answer]:
        if self._assembler.hand_over(clip, self._now_s()):
            return []
        return [self._receipt(clip.site_id, clip.session_id, "overloaded")]
