"""Finds out which utterance each kept clip is. A clip that could be several utterances is reported, never guessed."""

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from scenarios.kept.read.clip import KeptClip
from scenarios.model.ledger import Stored, join_tag
from scenarios.model.targets.kept import Join
from simulator.world.truth import Truth

Pcm = npt.NDArray[np.int16]

_PROBE, _PROBES, _DISTINCT = 512, 12, 40  # samples of a piece, pieces tried, values a piece must have to tell anything
_FOUND, _CLEARER = 9.0, 1.25  # a peak over the spread of all others; over the next recording's
_SHARED, _WORDS = 0.6, 2  # of a clip's words that an utterance must share, and how many at least
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """`of` maps a clip's label to its utterance. `strangers` are clips that the fleet did not send. `untold` are clips
    that could be several utterances, and `candidates` are these utterances."""

    of: Mapping[str, str]
    strangers: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    candidates: frozenset[str] = frozenset()


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
    by: dict[str, Callable[[], Joined]] = {
        "exact": lambda: by_session(clips, truth, key),
        "phrase": lambda: by_phrase(clips, truth),
        "sound": lambda: by_sound(clips, heard, sent),
        "count": lambda: Joined(of={}, untold=tuple(clip.label for clip in clips)),
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


def by_phrase(clips: Sequence[KeptClip], truth: Truth) -> Joined:
    """Join by words: a transcript holds most words of one utterance, and of no other."""
    said = {each.utterance_id: Counter(_words(each.text)) for each in truth.utterances}
    of: dict[str, str] = {}
    strangers, untold, candidates = [], [], set[str]()
    for clip in clips:
        words = Counter(_words(clip.text or ""))
        shared = {name: (words & others).total() for name, others in said.items()}
        most = max(shared.values(), default=0)
        if words.total() < _WORDS:
            untold.append(clip.label)
            candidates.update(said)
        elif most < max(_WORDS, _SHARED * words.total()):
            strangers.append(clip.label)
        else:
            # Of those that share most words, those with fewest of their own that the clip does not have.
            best = [name for name, count in shared.items() if count == most]
            fewest = min(said[name].total() for name in best)
            best = [name for name in best if said[name].total() == fewest]
            if len(best) == 1:
                of[clip.label] = best[0]
            else:
                untold.append(clip.label)
                candidates.update(best)
    return Joined(of=of, strangers=tuple(strangers), untold=tuple(untold), candidates=frozenset(candidates))


def by_sound(clips: Sequence[KeptClip], heard: Mapping[str, Pcm], sent: Mapping[str, Pcm]) -> Joined:
    """Join by sound: the same samples, or the one recording that the clip correlates with (PHAT-weighted)."""
    of: dict[str, str] = {}
    strangers, untold, candidates = [], [], set[str]()
    whole = {name: pcm.astype("<i2").tobytes() for name, pcm in sent.items()}
    spectra = _Spectra(sent)
    for clip in clips:
        pcm = heard.get(clip.label)
        if pcm is None:
            untold.append(clip.label)
            candidates.update(sent)
            continue
        best = _same_samples(pcm, whole) or spectra.alike(pcm)
        if len(best) == 1:
            of[clip.label] = best[0]
        elif best:
            untold.append(clip.label)
            candidates.update(best)
        else:
            strangers.append(clip.label)
    return Joined(of=of, strangers=tuple(strangers), untold=tuple(untold), candidates=frozenset(candidates))


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


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _same_samples(pcm: Pcm, whole: Mapping[str, bytes]) -> list[str]:
    """The recordings that contain a piece of the clip, sample for sample, at any place."""
    starts = np.linspace(0, max(0, len(pcm) - _PROBE), _PROBES).astype(int)
    votes: Counter[str] = Counter()
    for start in dict.fromkeys(starts.tolist()):
        piece = pcm[start : start + _PROBE]
        if len(piece) < _PROBE or len(np.unique(piece)) < _DISTINCT:
            continue
        wanted = piece.astype("<i2").tobytes()
        votes.update(name for name, samples in whole.items() if wanted in samples)
    most = max(votes.values(), default=0)
    return [name for name, count in votes.items() if count == most]


class _Spectra:
    """The spectra of the recordings, computed once for each length."""

    def __init__(self, sent: Mapping[str, Pcm]) -> None:
        self._sent = sent
        self._made: dict[tuple[str, int], npt.NDArray[np.complex128]] = {}

    def alike(self, pcm: Pcm) -> list[str]:
        """The recording that the clip was cut from. Several, if none correlates clearly better than the next."""
        peaks: dict[str, float] = {}
        if not len(pcm) or not pcm.any():
            return list(self._sent)  # silence: it may be anybody's
        for name, recording in self._sent.items():
            size = 1 << (len(recording) + len(pcm) - 1).bit_length()
            cross = self._of(name, recording, size) * np.conj(np.fft.rfft(pcm.astype(float), size))
            lags = np.fft.irfft(cross / (np.abs(cross) + 1e-9), size)
            peak = float(lags.max() / (lags.std() or 1.0))
            if peak > _FOUND:
                peaks[name] = peak
        most = max(peaks.values(), default=0.0)
        return [name for name, peak in peaks.items() if peak * _CLEARER > most]

    def _of(self, name: str, recording: Pcm, size: int) -> npt.NDArray[np.complex128]:
        if (name, size) not in self._made:
            if len(self._made) > 400:
                self._made.clear()
            self._made[name, size] = np.fft.rfft(recording.astype(float), size)
        return self._made[name, size]
