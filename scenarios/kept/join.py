"""Finds out which utterance each kept clip is. A clip that could be several utterances is reported, never guessed."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from scenarios.kept.by_phrase import by_phrase
from scenarios.kept.by_sound import by_sound
from scenarios.kept.joined import Joined
from scenarios.kept.narrowed import narrowed
from scenarios.kept.read.clip import KeptClip
from scenarios.model.ledger import Stored, join_tag
from scenarios.model.targets.kept import Join
from simulator.world.truth import Truth

Pcm = npt.NDArray[np.int16]


def join(
    kind: Join,
    clips: Sequence[KeptClip],
    truth: Truth,
    heard: Mapping[str, Pcm],
    sent: Mapping[str, Pcm],
    key: bytes | None = None,
) -> Joined:
    """Join clips with utterances. `heard` is the sound of clips by label, `sent` the sound that was sent by utterance.
    With `key`, records hold the HMAC of a session id in place of the id."""
    everything = frozenset(said.utterance_id for said in truth.utterances)
    by: dict[str, Callable[[], Joined]] = {
        "exact": lambda: by_session(clips, truth, key),
        "phrase": lambda: narrowed(by_phrase(clips, truth), clips, truth, heard, sent),
        "sound": lambda: narrowed(sound := by_sound(clips, heard, sent), clips, truth, heard, sent, sound),
        "count": lambda: Joined(of={}, untold={clip.label: everything for clip in clips}),
    }
    return by[kind]()


def by_session(clips: Sequence[KeptClip], truth: Truth, key: bytes | None = None) -> Joined:
    """Join by the session id that the device sent, or by its HMAC under a shared key."""
    known = {
        said.session_id if key is None else join_tag(key, said.session_id): said.utterance_id
        for said in truth.utterances
    }
    of = {clip.label: known[clip.session] for clip in clips if clip.session in known}
    return Joined(of=of, strangers=tuple(clip.label for clip in clips if clip.label not in of))


def stored_of(joined: Joined, clips: Sequence[KeptClip], truth: Truth, key: bytes) -> list[Stored]:
    """Clips in the form that the ledger takes, with the tag of their utterance. Strangers have the tag of nobody. Clips
    that could be several utterances are left out."""
    sessions = {said.utterance_id: said.session_id for said in truth.utterances}
    made = []
    for clip in clips:
        digest = clip.redacted if clip.redacted is not None else hashlib.sha256(clip.audio or b"").hexdigest()
        if clip.label in joined.of:
            tag = join_tag(key, sessions[joined.of[clip.label]])
            made.append(Stored(tag=tag, ref=clip.label, spans_digest=digest))
        elif clip.label in joined.strangers:
            made.append(Stored(tag=secrets.token_hex(32), ref=clip.label, spans_digest=digest))
    return made
