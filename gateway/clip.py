"""The data that moves through the gateway: a Clip, its GateDecision, and the RedactedClip that is stored."""

from typing import Literal

import msgspec

from gateway.wire import Transcript
from gateway.word_times import CoveredPart, TimedWord


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """The audio of one session as it arrived, in memory only. `pcm` is int16 mono at 16 kHz.

    `fault` is a code of `wire.REASONS` when the stream cannot be trusted (a gap, no end, undecodable). `owed` is the
    number of the session's first end that nobody has had an outcome for. `seen_s` is when its session was first heard
    of, on the gateway's own clock (monotonic seconds): a session that is sent again keeps it.
    """

    site_id: str
    session_id: str
    at_ms: int
    pcm: bytes
    trigger: Literal["wake", "button"] | None
    button_at_ms: int | None = None
    muted: bool = False
    transcript: Transcript | None = None
    fault: str | None = None
    owed: int | None = None
    seen_s: float = 0.0


class GateDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a clip is kept, and why. For a kept clip also the range of samples that may be kept.

    `wake_sample` is where the wake word was heard, None when something else admitted the clip. The scores, each 0..1,
    are the engine's highest, the verifier's highest, and the verifier's for the trimmed clip; None where nobody was
    asked. `covered` is what redaction covered in a stored clip, in milliseconds from `start_sample`.
    """

    keep: bool
    reason: str
    wake_score: float | None = None
    start_sample: int = 0
    end_sample: int = 0
    wake_sample: int | None = None
    verify_score: float | None = None
    cut_score: float | None = None
    covered: "tuple[CoveredPart, ...]" = ()

    def dropped(self, reason: str) -> "GateDecision":
        """A drop for `reason` of what this decision would have kept, with its scores."""
        return GateDecision(
            keep=False,
            reason=reason,
            wake_score=self.wake_score,
            verify_score=self.verify_score,
            cut_score=self.cut_score,
        )


class Span(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A half-open range [start, end) of characters or samples."""

    start: int
    end: int
    label: str


class RedactedClip(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is stored of a clip. None means that the contract does not show the value.

    `kept_on` (a day) and `owner` (sealed by the vault) allow deletion by age and by household. No reviewer role reads
    them.
    `times` and `covered` place the words that are left, and what is covered, in the sound.
    `ref` is random; `wav` is rebuilt from samples (format and data, nothing else); `peaks` are the redacted
    audio's, 0..100 per column; `withheld` says why there is no audio.
    """

    ref: str
    recorded_on: str
    trigger: str
    duration_ms: int
    device: str | None = None
    customer: str | None = None
    given_name: str | None = None
    locality: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    transcript: str | None = None
    wav: bytes | None = None
    peaks: list[int] = []
    times: list[TimedWord] = []
    covered: list[CoveredPart] = []
    withheld: str | None = None
    spans_digest: str = ""
    kept_on: str = ""
    owner: str | None = None
