"""One kept clip as a reader found it, and what a reader could not read."""

import msgspec


class Unreadable(Exception):
    """Nothing could be read back: what was to be judged by it is unknown. The text is one line, without secrets."""


class KeptClip(msgspec.Struct, frozen=True, kw_only=True):
    """`label` is the harness's own ("kept-0007", in the order of reading); nothing of the system's ids is shown.

    `session` is the id the device sent; `record` what stands beside the sound, as JSON or as it came; `audio` the
    sound's own bytes, container and all; `trouble` says why there is none where there should be.
    """

    label: str
    session: str | None
    text: str | None
    record: bytes
    audio: bytes | None = None
    trouble: str | None = None


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read; `notes` say what was not."""

    clips: tuple[KeptClip, ...]
    notes: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A record before it has a label. `source` is only for messages about the target file."""

    data: object
    raw: bytes | None = None
    audio: bytes | None = None
    trouble: str | None = None
