"""One kept clip as a reader found it, and what a reader could not read."""

import msgspec


class Unreadable(Exception):
    """Nothing could be read back, so what depends on it is unknown. The text is one line without secrets."""


class KeptClip(msgspec.Struct, frozen=True, kw_only=True):
    """One kept clip. `label` is the harness's own name ("kept-0007", in reading order), so that no id of the system is
    shown. `id` is the system's own id, to ask for the clip's pages.

    `session` is the id the device sent. `redacted` is the system's own mark of what it hid. `pseudonym` and `day` are
    what people who look at clips see in place of the device, and of the time. `place`, `latitude`, `longitude` and
    `given_name` are what else they see. `record` is what stands beside the sound, as JSON or as it came. `audio` is the
    sound file's bytes. `trouble` says why there is no sound although there should be one.
    """

    label: str
    session: str | None
    text: str | None
    record: bytes
    id: str | None = None
    redacted: str | None = None
    pseudonym: str | None = None
    day: str | None = None
    place: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    given_name: str | None = None
    audio: bytes | None = None
    trouble: str | None = None


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """All clips that were read. `notes` say what could not be read."""

    clips: tuple[KeptClip, ...]
    notes: tuple[str, ...] = ()

    @property
    def ids(self) -> dict[str, str]:
        """The clips' own ids by label."""
        return {clip.label: clip.id for clip in self.clips if clip.id is not None}


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A record that has no label yet. `source` is only for messages about the target file."""

    data: object
    raw: bytes | None = None
    audio: bytes | None = None
    trouble: str | None = None
