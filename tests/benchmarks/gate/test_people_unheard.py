"""Recordings of real people, each judged by a verifier that was fitted without it: requests without their fifth of the
files, other speech without its whole make of recordings. The curve shows what the veto's bound trades.

`EARLID_RECORDINGS` may name several folders; more other speech makes the second table worth more.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from scipy.stats import chi2

from gateway.gate.verify import SHIPPED, Verifier, load_verifier
from gateway.gate.wake import OpenWakeWord
from scenarios.wakewords.answers import Answers, together
from scenarios.wakewords.opinion import folds_of, make_folds, second_opinion, veto
from scenarios.wakewords.real import FOLDS, RealRows, hear_recordings
from scenarios.wakewords.recordings import FOLDER_SETTING, Recording, recordings_folders, recordings_in
from scenarios.wakewords.train import PLAIN, answers_to, first_of, plain_requests
from simulator.sound.recordings import read_samples
from tests.benchmarks.figures import Note
from tests.benchmarks.gate.accepting import HeardOnce, keeps_with
from tests.benchmarks.gate.conftest import ENGINE, SHARE, wilson
from tests.benchmarks.gate.real_people import WAYS, judged, speech_of

pytestmark = pytest.mark.bench
ROUNDS = 11  # ways of each request
SHIFTS = {"no veto": -100.0, "-0.5": -0.5, "as shipped": 0.0, "+0.5": 0.5}  # of the veto's bound, in log odds


class Fold(msgspec.Struct, frozen=True, kw_only=True):
    """What one fifth is judged by: a verifier for each place on the curve."""

    number: int
    by: dict[str, Verifier]


class Counts(msgspec.Struct, kw_only=True):
    """Of one way or one make: how many, how many the engine hears at .5, how many each place on the curve keeps."""

    total: int = 0
    seconds: float = 0.0
    engine: int = 0
    kept: dict[str, int] = msgspec.field(default_factory=lambda: dict.fromkeys(SHIFTS, 0))


@pytest.fixture(scope="module")
def folders() -> tuple[Path, ...]:
    found = recordings_folders()
    if not found or not recordings_in(found, "wake") or not recordings_in(found, "other"):
        pytest.skip(f"no recordings of real people at hand: {FOLDER_SETTING} names folders with wake/ and other/")
    return found


@pytest.fixture(scope="module")
def folds(folders: tuple[Path, ...], training: Answers, tmp_path_factory: pytest.TempPathFactory) -> list[Fold]:
    rows = hear_recordings(folders, max(FOLDS, round(ROUNDS * SHARE)))
    plain = answers_to(plain_requests(max(300, int(PLAIN * SHARE)), ("espeak",), 1), "alexa", None)
    scratch = tmp_path_factory.mktemp("folds")
    return [fitted(number, rows, training, plain, scratch / f"{number}.npz") for number in range(FOLDS)]


def fitted(number: int, rows: RealRows, answers: Answers, plain: Answers, file: Path) -> Fold:
    left = rows.where(folds_of(rows) != number)
    opinions = second_opinion(first_of(SHIPPED), left, answers)
    arrays = veto(opinions, left, together([answers, plain]))
    np.savez(file, **arrays)  # type: ignore[arg-type]
    whole = load_verifier(file)
    return Fold(number=number, by={name: shifted(whole, by) for name, by in SHIFTS.items()})


def shifted(verifier: Verifier, by: float) -> Verifier:
    """The same verifier with its veto's bound moved."""
    bias = np.array(verifier.out_bias, np.float32)
    bias[-1] -= by
    return msgspec.structs.replace(verifier, out_bias=bias)


def test_requests_of_files_left_out(folders: tuple[Path, ...], folds: list[Fold], note: Note) -> None:
    engine, behind = HeardOnce(OpenWakeWord()), speech_of(recordings_in(folders[:1], "other")[::5])
    counts = {way: Counts() for way in WAYS}
    for fold in folds:
        wake = [each for each in recordings_in(folders, "wake") if each.fold == fold.number]
        for name, verifier in fold.by.items():
            for each in judged(engine, wake[:: max(1, round(1 / SHARE))], behind, keeps_with(verifier)):
                count = counts[each.way]
                count.total += int(name == "no veto")
                count.engine += int(name == "no veto" and each.peak >= ENGINE)
                count.kept[name] += each.kept
    for way, count in counts.items():
        if count.total:
            note(
                f"real people, files left out: {way}",
                recordings=count.total,
                engine=round(count.engine / count.total, 3),
                strict=round(count.kept["as shipped"] / count.total, 3),
                strict_95_by_file=wilson(count.kept["as shipped"], count.total),
                curve={name: round(kept / count.total, 3) for name, kept in count.kept.items()},
            )
    assert counts["as recorded"].kept["as shipped"] >= 0.9 * counts["as recorded"].total


def test_other_speech_of_makes_left_out(folders: tuple[Path, ...], folds: list[Fold], note: Note) -> None:
    others = recordings_in(folders, "other")[:: max(1, round(1 / SHARE))]
    counts: dict[str, Counts] = {}
    for recording, name, kept, peak, seconds in heard_others(others, folds):
        for count in (counts.setdefault(recording.source, Counts()), counts.setdefault("all", Counts())):
            count.kept[name] += kept
            count.total += name == "no veto"
            count.engine += name == "no veto" and peak >= ENGINE
            count.seconds += seconds if name == "no veto" else 0.0
    for source, count in counts.items():
        hours, accepts = count.seconds / 3_600, count.kept["as shipped"]
        note(
            f"real people without the word, whole makes left out: {source}",
            recordings=count.total,
            hours=round(hours, 2),
            engine=count.engine,
            strict=accepts,
            strict_per_hour=round(accepts / hours, 2),
            strict_per_hour_at_most_95=round(float(chi2.ppf(0.95, 2 * accepts + 2)) / 2 / hours, 2),
            curve=count.kept,
        )
    assert counts["all"].kept["+0.5"] <= counts["all"].kept["no veto"]


def heard_others(
    others: Sequence[Recording], folds: Sequence[Fold]
) -> Iterator[tuple[Recording, str, bool, float, float]]:
    """(recording, place on the curve, whether it is kept, the engine's peak, seconds)."""
    engine, of_make = HeardOnce(OpenWakeWord()), make_folds(each.source for each in others)
    for recording in others:
        pcm = read_samples(recording.path)
        heard = engine.hear(pcm)
        peak = float(heard.scores.max(initial=0.0))
        for name, verifier in folds[of_make[recording.source]].by.items():
            yield recording, name, keeps_with(verifier)(engine, pcm, heard), peak, len(pcm) / 16_000
