"""Hours of television and babble, requests in noise and rooms: what is kept of the one, what is lost of the other."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from scipy.stats import chi2

from gateway.gate.decide import _words as runs_of
from gateway.gate.verify import AFTER_PEAK_HOPS, load_verifier
from gateway.gate.wake import Heard, OpenWakeWord
from scenarios.wakewords.corpus import load_phrases, random_voice
from simulator.rooms import Room
from simulator.scenes import Backdrop, Saying, Scene, render
from simulator.utterances import Word, load_phrasebook
from simulator.voices import Voice, load_voices
from tests.benchmarks.figures import Note
from tests.benchmarks.gate.conftest import SHARE

pytestmark = pytest.mark.bench
HOURS, PUBLISHED_PER_10000_WORDS = 6.0, 1.43  # Dubois et al. 2020, devices in homes of their laboratory
REQUESTS = 60
CANDIDATES, CONFIRMED = (0.5, 0.2, 0.1), (0.0, 0.3)


def saying(text: str, voice: Voice, gap_ms: int = 0) -> Saying:
    return Saying(voice=voice, words=tuple(Word(text=word) for word in text.split()), gap_ms=gap_ms)


def evenings(seed: int) -> Iterator[tuple[Scene, int]]:
    """Scenes of about half a minute without the wake word, and how many words are said in front."""
    rng, book = np.random.default_rng(seed), load_phrasebook()
    lines = [line for line in book.television if "{" not in line] + list(load_phrases().ordinary)
    while True:
        said = [lines[int(at)] for at in rng.integers(len(lines), size=9)]
        talkers = [random_voice(rng) for _ in range(3)]
        backdrop: Backdrop = "television" if rng.random() < 0.5 else "babble"
        scene = Scene(
            sayings=tuple(saying(line, talkers[n % 3], gap_ms=300) for n, line in enumerate(said)),
            backdrop=backdrop,
            snr_db=float(rng.choice([3.0, 10.0, 20.0])),
            others=tuple(saying(lines[int(at)], random_voice(rng)) for at in rng.integers(len(lines), size=4)),
            seed=int(rng.integers(2**62)),
        )
        yield scene, sum(len(line.split()) for line in said)


def accepts(heard: Heard, candidate: float, confirmed: float) -> int:
    verifier, count = load_verifier(), 0
    for _, top in runs_of(heard.scores, candidate):
        window = heard.window(min(top + AFTER_PEAK_HOPS, len(heard.scores) - 1))
        count += window is not None and (not confirmed or verifier.score(window) >= confirmed)
    return count


def test_television_and_babble(note: Note) -> None:
    engine, seconds, words = OpenWakeWord(), 0.0, 0
    events = {(candidate, confirmed): 0 for candidate in CANDIDATES for confirmed in CONFIRMED}
    for scene, said in evenings(11):
        pcm = render(scene).pcm
        heard = engine.hear(pcm)
        seconds, words = seconds + len(pcm) / 16_000, words + said
        for key in events:
            events[key] += accepts(heard, *key)
        if seconds >= HOURS * 3_600 * SHARE:
            break
    for (candidate, confirmed), count in events.items():
        hours = seconds / 3_600
        note(
            f"television and babble: wake_threshold {candidate}, verify_threshold {confirmed or 'none'}",
            hours=round(hours, 2),
            words=words,
            accepts=count,
            per_hour=round(count / hours, 3),
            per_hour_at_most_95=round(float(chi2.ppf(0.95, 2 * count + 2)) / 2 / hours, 3),
            per_10000_words=round(10_000 * count / words, 3),
            published_per_10000_words=PUBLISHED_PER_10000_WORDS,
        )
    assert all(events[candidate, 0.3] <= events[candidate, 0.0] for candidate in CANDIDATES)


@pytest.mark.parametrize("where", ["dry", "room"])
@pytest.mark.parametrize("voices", ["understood", "any"])
def test_requests_in_noise(where: str, voices: str, note: Note) -> None:
    engine, commands = OpenWakeWord(), load_phrases().commands
    for snr_db in (20.0, 10.0, 5.0, 0.0):
        rng = np.random.default_rng(3)
        lost = dict.fromkeys(((0.5, 0.0), (0.2, 0.3), (0.1, 0.3)), 0)
        total = max(10, int(REQUESTS * SHARE))
        for number in range(total):
            known = load_voices("understood")
            voice = known[number % len(known)] if voices == "understood" else random_voice(rng)
            request = saying(f"Alexa, {commands[int(rng.integers(len(commands)))]}.", voice)
            if where == "room":
                request = msgspec.structs.replace(request, place_m=(1.2, 2.9, 1.5))  # 3 m from the device
            scene = Scene(
                sayings=(request,),
                backdrop="pink",
                snr_db=snr_db,
                room=Room() if where == "room" else None,
                seed=number,
            )
            heard = engine.hear(render(scene).pcm)
            for key in lost:
                lost[key] += not accepts(heard, *key)
        shares = {f"lost_{c}_{v}": round(count / total, 3) for (c, v), count in lost.items()}
        note(f"requests: {voices} voices, {where}, {snr_db:g} dB", takes=total, **shares)
