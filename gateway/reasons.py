"""Why a clip was kept or dropped: the codes a receipt may carry, each with its outcome."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Outcome = Literal["kept", "dropped", "incomplete", "busy"]


class Reason(NamedTuple):
    """What a code means. After "incomplete" and "busy" a device may send the session again."""

    outcome: Outcome
    meaning: str


# Published, and never more than the device already knows.
REASONS: Mapping[str, Reason] = {
    "wake_word": Reason("kept", "the wake word is in the audio"),
    "button": Reason("kept", "a button press of this device opened the session"),
    "device_claim": Reason("kept", "the contract trusts the device's word (incident contracts only)"),
    "already_kept": Reason("kept", "the same session came again"),
    "no_wake_word": Reason("dropped", "the wake word is not in the audio"),
    "not_verified": Reason("dropped", "something sounds like the wake word, and a second stage did not confirm it"),
    "refractory": Reason("dropped", "this device sent the same utterance in another session"),
    "heard_elsewhere": Reason("dropped", "another device of the household has the same utterance"),
    "media": Reason("dropped", "the same words came from many homes at the same time"),
    "child": Reason("dropped", "it may be a child's voice"),
    "no_button": Reason("incomplete", "the session claims a button press that did not come"),
    "muted": Reason("dropped", "the microphone was switched off"),
    "no_consent": Reason("dropped", "the household did not consent to review"),
    "unknown_device": Reason("dropped", "no household has this device"),
    "empty": Reason("dropped", "no audio came"),
    "too_long": Reason("dropped", "longer than the contract allows"),
    "gap": Reason("incomplete", "frames are missing or out of order"),
    "clock": Reason("incomplete", "times that cannot be: a jump within the audio, or far from the session's start"),
    "undecodable": Reason("incomplete", "a frame is not 16 kHz 16-bit mono WAV"),
    "bad_message": Reason("incomplete", "a start, end or press that is not what its topic promises"),
    "timed_out": Reason("incomplete", "the session never ended"),
    "vault_unavailable": Reason("incomplete", "identities could not be asked for, so nothing was kept"),
    "failed": Reason("incomplete", "the gateway could not work on it, so nothing was kept"),
    "shed": Reason("busy", "frames were let go of under load; send the session again"),
    "overloaded": Reason("busy", "try again later"),
}
