"""Where the words of a redacted transcript are in the sound, and what is covered there."""

import msgspec


class TimedWord(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a redacted transcript, or one placeholder: characters [first, after) of that transcript.

    `masked` is the placeholder's class, None for a word that is shown. `start_ms` and `end_ms` are its place in the
    redacted sound. They are None where nobody can say it, and without sound.
    """

    first: int
    after: int
    start_ms: int | None = None
    end_ms: int | None = None
    masked: str | None = None


class CoveredPart(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds [start, end) of the sound that are covered, and the classes of what was said there."""

    start_ms: int
    end_ms: int
    classes: tuple[str, ...]
