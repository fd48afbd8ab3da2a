"""From a kept clip to what may be stored of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pytest

from gateway.clip import Clip, GateDecision, RedactedClip
from gateway.contract.model import load_contract
from gateway.redact.location import Shown, location, town_populations
from gateway.redact.pipeline import redact, words_within
from gateway.redact.sound.align import Aligner, WordTime
from gateway.redact.times import recorded_on
from gateway.vault.messages import SiteFacts
from gateway.wire import AsrToken, TokenTime, Transcript

FACTS = SiteFacts(
    household_key="k",
    consent=True,
    customer_id="A2X9",
    serial="G0A1",
    given_name="Ada",
    city="Ashland",
    state="Oregon",
    latitude=42.19458,
    longitude=-122.70948,
    names=("Laura",),
    contact_names=("Laura",),
)
NOW = datetime(2019, 4, 10, 12, 34, 56, tzinfo=UTC)
PEOPLE = {("ashland", "oregon"): 20_861}


def heard(*words: tuple[str, float, float]) -> Transcript:
    tokens, at = [], 0
    for value, start, end in words:
        time = TokenTime(start=start, end=end)
        tokens.append(AsrToken(value=value, confidence=1.0, range_start=at, range_end=at + len(value), time=time))
        at += len(value) + 1
    text = " ".join(value for value, _, _ in words)
    return Transcript(text=text, likelihood=1.0, seconds=3.0, site_id="s", session_id="1", asr_tokens=[tokens])


SAID = heard(("psst", 0.0, 0.3), ("alexa", 0.5, 0.9), ("call", 1.0, 1.3), ("laura", 1.4, 1.8))
PCM = np.full(3 * 16_000, 5_000, np.int16).tobytes()


class Agreeing:
    """An aligner that finds the words `off_ms` from where the transcript has them."""

    def __init__(self, clip: Clip, off_ms: int = 0) -> None:
        self.clip, self.off = clip, off_ms * 16

    def align(self, pcm: bytes, words: Sequence[str]) -> list[WordTime] | None:
        heard = words_within(self.clip.transcript, 6_400, 48_000)
        tokens = heard.asr_tokens[0] if heard else []
        return [
            WordTime(start=int(t.time.start * 16_000) + self.off, end=int(t.time.end * 16_000) + self.off)
            for t in tokens
        ]


class Lost:
    def align(self, pcm: bytes, words: Sequence[str]) -> list[WordTime] | None:
        return None


def left(
    contract: str = "strict",
    transcript: Transcript | None = SAID,
    aligner: Aligner | None = None,
    pcm: bytes = PCM,
    **decision: Any,
) -> RedactedClip:
    clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=pcm, trigger="wake", transcript=transcript)
    kept = GateDecision(keep=True, reason="wake_word", start_sample=6_400, end_sample=48_000)
    kept = msgspec.structs.replace(kept, **decision)
    rules = load_contract(contract)
    return redact(
        clip, kept, rules, facts=FACTS, population=PEOPLE, key=b"k" * 32, now=NOW, aligner=aligner or Agreeing(clip)
    )


def test_strict_leaves_a_town_a_day_a_pseudonym_and_masked_words() -> None:
    clip = left()
    assert (clip.locality, clip.recorded_on, clip.transcript) == (
        "Ashland, Oregon",
        "2019-04-10",
        "alexa call [contact]",
    )
    assert (clip.customer, clip.given_name, clip.latitude, clip.longitude) == (None, None, None, None)
    text = msgspec.json.encode(clip).decode().lower()
    for value in ("a2x9", "g0a1", "laura", "ada", "42.19"):
        assert value not in text
    assert clip.duration_ms == (48_000 - 6_400) // 16


def test_the_incident_leaves_what_reporters_saw() -> None:
    clip = left("amazon-2019-before")
    assert (clip.device, clip.customer, clip.given_name, clip.latitude) == ("G0A1", "A2X9", "Ada", 42.19458)
    assert clip.transcript == "alexa call laura"
    assert clip.recorded_on == "2019-04-10T12:34:56+00:00"
    assert clip.wav is not None
    assert np.frombuffer(clip.wav[44:], np.int16).all()


def test_what_was_said_before_the_kept_part_is_gone_from_the_words_too() -> None:
    assert "psst" not in (left().transcript or "")
    trimmed = words_within(SAID, 6_400, 48_000)
    assert trimmed is not None
    assert [token.value for token in trimmed.asr_tokens[0]] == ["alexa", "call", "laura"]
    assert trimmed.asr_tokens[0][0].time.start == pytest.approx(0.1)
    for token in trimmed.asr_tokens[0]:
        assert trimmed.text[token.range_start : token.range_end] == token.value


def test_words_in_no_order_withhold_the_audio() -> None:
    mixed = heard(("alexa", 1.0, 1.2), ("call", 0.4, 0.6), ("laura", 1.4, 1.8))
    clip = left(transcript=mixed)
    assert (clip.wav, clip.withheld) == (None, "untrusted_times")


def test_a_transcript_that_heard_nothing_withholds_the_audio() -> None:
    assert left(transcript=heard()).withheld == "no_transcript"
    assert left("amazon-2019-before", transcript=None).wav is not None


def test_an_alignment_that_fails_or_disagrees_withholds_the_audio() -> None:
    clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=PCM, trigger="wake", transcript=SAID)
    assert left(aligner=Lost()).withheld == "no_agreement"
    assert left(aligner=Agreeing(clip, off_ms=300)).withheld == "no_agreement"
    near = left(aligner=Agreeing(clip, off_ms=200))
    assert near.withheld is None
    assert near.wav is not None
    sound = np.frombuffer(near.wav[44:], np.int16)
    assert not sound[int((1.0 - 0.1) * 16_000) : int((1.4 + 0.2 + 0.12) * 16_000)].any()


@pytest.mark.parametrize(("echo_ms", "covered_ms"), [(0, 20), (20, 20 + 3 * 20), (200, 20 + 90)])
def test_behind_a_secret_three_times_the_echo_is_covered_up_to_the_contracts_bound(
    echo_ms: int, covered_ms: int
) -> None:
    """The pause behind "call" tells how long the room answers; behind "laura" the next word begins at once."""
    pcm = np.full(3 * 16_000, 2, np.int16)
    pcm[8_000 : 16 * (1_000 + echo_ms)] = 5_000
    pcm[16 * 1_400 : 16 * 2_400] = 5_000
    said = heard(("alexa", 0.5, 0.7), ("call", 0.7, 1.0), ("laura", 1.4, 1.8), ("please", 1.8, 2.4))
    clip = left(transcript=said, pcm=pcm.tobytes())
    assert clip.wav is not None
    sound = np.frombuffer(clip.wav[44:], np.int16)[(1_800 - 400) * 16 :]
    assert int(np.argmax(sound != 0)) // 16 == pytest.approx(covered_ms, abs=10)


def test_without_a_pause_the_contracts_bound_is_covered_behind_a_secret() -> None:
    said = heard(
        ("alexa", 0.5, 0.9),
        ("call", 0.9, 1.4),
        ("laura", 1.4, 1.8),
        ("please", 1.8, 2.2),
        ("right", 2.2, 2.55),
        ("now", 2.55, 2.9),
    )
    clip = left(transcript=said)
    assert clip.wav is not None
    sound = np.frombuffer(clip.wav[44:], np.int16)[(1_800 - 400) * 16 :]
    assert int(np.argmax(sound != 0)) // 16 == pytest.approx(20 + 90, abs=10)


def test_sound_no_word_explains_is_covered() -> None:
    clip = left(transcript=heard(("alexa", 0.5, 0.9), ("stop", 1.0, 1.3)))
    assert clip.wav is not None
    sound = np.frombuffer(clip.wav[44:], np.int16)
    assert sound[2_000:12_000].all()
    assert not sound[16_000:].any()


def test_words_the_transcript_doubts_are_masked() -> None:
    unsure = msgspec.structs.replace(SAID.asr_tokens[0][2], confidence=0.1)
    said = msgspec.structs.replace(SAID, asr_tokens=[[*SAID.asr_tokens[0][:2], unsure, SAID.asr_tokens[0][3]]])
    assert left(transcript=said).transcript == "alexa [unclear] [contact]"


def test_references_are_random_and_digests_are_not() -> None:
    one, other = left(), left()
    assert one.ref != other.ref
    assert one.spans_digest == other.spans_digest != left(end_sample=20_000).spans_digest


def test_a_small_or_unknown_town_is_withheld() -> None:
    rule = load_contract("strict").redact.location
    assert location(FACTS, rule, PEOPLE) == Shown("Ashland, Oregon")
    assert location(FACTS, rule, {("ashland", "oregon"): 999}) == Shown()
    assert location(FACTS, rule, {}) == Shown()
    assert location(msgspec.structs.replace(FACTS, city=None), rule, PEOPLE) == Shown()


def test_the_gazetteer_tells_one_ashland_from_another() -> None:
    people = town_populations()
    assert people["ashland", "oregon"] > 10_000
    assert people["ashland", "michigan"] < people["ashland", "oregon"]


@pytest.mark.parametrize(
    ("grain", "shown"),
    [("exact", "2019-04-10T12:34:56+00:00"), ("hour", "2019-04-10T12:00:00+00:00"), ("day", "2019-04-10")],
)
def test_times_are_as_coarse_as_the_contract_says(grain: Any, shown: str) -> None:
    assert recorded_on(NOW, grain) == shown


def test_a_language_nobody_redacts_is_withheld_words_and_sound() -> None:
    clip = left(transcript=msgspec.structs.replace(SAID, lang="fr-CA"))
    assert (clip.transcript, clip.wav, clip.peaks, clip.withheld) == (None, None, [], "language")
    assert left(transcript=msgspec.structs.replace(SAID, lang="en-GB")).transcript == "alexa call [contact]"
    assert left("amazon-2019-before", transcript=msgspec.structs.replace(SAID, lang="fr")).wav is not None


def test_a_transcript_is_read_in_its_own_language() -> None:
    spanish = heard(("alexa", 0.5, 0.9), ("llama", 1.0, 1.3), ("a", 1.4, 1.5), ("beatriz", 1.6, 2.0))
    clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=PCM, trigger="wake", transcript=spanish)
    found = left(transcript=msgspec.structs.replace(spanish, lang="es-MX"), aligner=Agreeing(clip))
    assert found.transcript == "alexa llama a [contact]"
    assert found.wav is not None


def test_words_are_placed_in_the_sound_that_is_left_and_nowhere_without_sound() -> None:
    clip = left()
    assert clip.transcript == "alexa call [contact]"
    assert [(clip.transcript[each.first : each.after], each.masked) for each in clip.times] == [
        ("alexa", None),
        ("call", None),
        ("[contact]", "contact"),
    ]
    (part,) = clip.covered
    assert (clip.times[2].start_ms, clip.times[2].end_ms) == (part.start_ms, part.end_ms)
    assert clip.times[1].end_ms <= part.start_ms
    assert clip.wav is not None
    sound = np.frombuffer(clip.wav[44:], np.int16)
    assert not sound[part.start_ms * 16 : part.end_ms * 16].any()
    withheld = left(aligner=Lost())
    assert (withheld.times, withheld.covered) == ([], [])
    kept = left("amazon-2019-before")
    assert (kept.covered, [each.start_ms for each in kept.times]) == ([], [100, 600, 1000])
