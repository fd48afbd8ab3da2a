"""Takes another team's clips into the store, under the contract's redaction.

The gate is not asked: whoever imports answers for what the clips are. No household is known of them, so names are found
by grammar alone. A masked word is covered in the sound where the list's word times and an alignment agree. Without word
times of the list there is one witness only, and the sound of a clip with masked words is withheld.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Protocol

import msgspec
import numpy as np

from gateway.clip import Clip, GateDecision, RedactedClip
from gateway.contract.model import Contract
from gateway.files import BadFile
from gateway.projects.clip_list import Listed
from gateway.redact.pipeline import redact
from gateway.redact.sound.align import Aligner, WordTime
from gateway.redact.times import recorded_on
from gateway.vault.messages import SiteFacts
from gateway.wire import RATE_HZ, SAMPLE_BYTES, AsrToken, TokenTime, Transcript

_SITE = "imported"
_NOBODY = SiteFacts(household_key="", consent=True)
_NO_TIME = (0.0, float("inf"))  # no place in any sound: what is masked there is withheld


class Keeper(Protocol):
    def put(self, clip: RedactedClip, *, session_key: str, join_tag: str | None = None) -> bool: ...


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a list: new clips, those that were there before, and why sound was withheld how often.

    `refs` has the reference of each new clip, by its file name.
    """

    new: int
    known: int
    withheld: Mapping[str, int]
    refs: Mapping[str, str]


def take_in(
    listed: Sequence[Listed], store: Keeper, contract: Contract, *, key: bytes, now: datetime, aligner: Aligner
) -> Taken:
    """Redact and store every clip. A clip that was imported before is not stored twice, also when it was deleted.

    Raises:
        BadFile: `file:line: file_name: ...` for each sound that cannot be read or is too long. Nothing is stored then.
    """
    _check(listed, contract)
    new, known = 0, 0
    withheld: Counter[str] = Counter()
    refs: dict[str, str] = {}
    for each in listed:
        pcm = _pcm(each)
        clip = _redacted(each, pcm, contract, now, aligner)
        # Keyed: what is left of a deleted clip does not tell which sound it was.
        session = hmac.digest(key, b"earlid import\0" + hashlib.sha256(pcm).digest(), hashlib.sha256).hex()
        if not store.put(clip, session_key=session):
            known += 1
            continue
        new += 1
        refs[each.entry.file_name] = clip.ref
        if clip.withheld:
            withheld[clip.withheld] += 1
    return Taken(new=new, known=known, withheld=dict(withheld), refs=refs)


def _check(listed: Sequence[Listed], contract: Contract) -> None:
    import soundfile

    most_s, faults = contract.gate.max_clip_ms / 1000, []
    for each in listed:
        try:
            length_s = soundfile.info(each.sound).duration
        except (OSError, soundfile.SoundFileError):
            faults.append(f"{each.at}: file_name: no sound that can be read as WAV or FLAC")
            continue
        if not 0 < length_s <= most_s:
            faults.append(f"{each.at}: file_name: longer than 0 and up to {most_s:g} s is allowed (gate.max_clip_ms)")
    if faults:
        raise BadFile("\n".join(faults[:50]))


def _pcm(each: Listed) -> bytes:
    """int16 mono at 16 kHz, of any rate and number of channels."""
    import soundfile

    try:
        sound, rate = soundfile.read(each.sound, dtype="float64", always_2d=True)
    except (OSError, soundfile.SoundFileError):
        raise BadFile(f"{each.at}: file_name: no sound that can be read as WAV or FLAC") from None
    mono = np.nan_to_num(sound, posinf=1.0, neginf=-1.0).mean(axis=1)
    if rate != RATE_HZ:
        from scipy.signal import resample_poly

        mono = resample_poly(mono, RATE_HZ, rate)
    pcm: bytes = np.clip(np.rint(mono * 32_767), -32_768, 32_767).astype("<i2").tobytes()
    return pcm


def _redacted(each: Listed, pcm: bytes, contract: Contract, now: datetime, aligner: Aligner) -> RedactedClip:
    entry, samples = each.entry, len(pcm) // SAMPLE_BYTES
    transcript = _transcript(each, pcm, aligner)
    clip = Clip(site_id=_SITE, session_id=_SITE, at_ms=0, pcm=pcm, trigger=None, transcript=transcript)
    left = redact(
        clip,
        GateDecision(keep=True, reason=_SITE, end_sample=samples),
        contract,
        facts=_NOBODY,
        population={},
        key=b"\0",
        now=now,
        aligner=aligner if entry.words else _NoSecondWitness(),
    )
    day = datetime.combine(entry.recorded_on, time(), UTC) if entry.recorded_on else now
    return msgspec.structs.replace(left, device=None, customer=None, owner=None, recorded_on=recorded_on(day, "day"))


class _NoSecondWitness:
    """The transcript's times came from the aligner already."""

    def align(self, pcm: bytes, words: Sequence[str]) -> list[WordTime] | None:  # noqa: ARG002 (as Aligner)
        return None


def _transcript(each: Listed, pcm: bytes, aligner: Aligner) -> Transcript | None:
    entry = each.entry
    if entry.words:
        said = [(word.word, (word.start_s, word.end_s)) for word in entry.words]
    elif entry.transcript and (words := entry.transcript.split()):
        aligned = aligner.align(pcm, words)
        times = [(at.start / RATE_HZ, at.end / RATE_HZ) for at in aligned] if aligned else [_NO_TIME] * len(words)
        said = list(zip(words, times, strict=True))
    else:
        return None
    tokens, at = [], 0
    for word, (start, end) in said:
        token = AsrToken(
            value=word,
            confidence=1.0,
            range_start=at,
            range_end=at + len(word),
            time=TokenTime(start=start, end=end),
        )
        tokens.append(token)
        at += len(word) + 1
    return Transcript(
        text=" ".join(word for word, _ in said),
        likelihood=1.0,
        seconds=len(pcm) / SAMPLE_BYTES / RATE_HZ,
        site_id=_SITE,
        session_id=_SITE,
        asr_tokens=[tokens],
        lang=entry.lang,
    )


def refs_table(taken: Taken) -> bytes:
    """JSON lines of file_name and ref, for whoever brought the clips."""
    return b"".join(msgspec.json.encode({"file_name": name, "ref": ref}) + b"\n" for name, ref in taken.refs.items())
