"""What the gateway tells a test harness about one decision. Both sides read this file, so that neither can drift."""

import msgspec


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the clip that redaction covered, in milliseconds from the clip's start."""

    label: str
    from_ms: int
    until_ms: int


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision about one attempt. It holds no identity.

    `tag` is HMAC-SHA-256(join key, session id) in hex. Scores are 0..1, None where nobody was asked; `cut_score` is the
    verifier's for the trimmed clip alone. Times are milliseconds from the clip's start.
    """

    tag: str
    reason: str
    wake_score: float | None = None
    verify_score: float | None = None
    cut_score: float | None = None
    woke_ms: int | None = None
    kept_from_ms: int | None = None
    kept_until_ms: int | None = None
    covered: tuple[Covered, ...] = ()
