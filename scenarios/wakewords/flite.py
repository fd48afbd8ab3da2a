"""A second source of voices, where it is installed: flite, whose speakers share nothing with espeak-ng's.

Optional: a figure for voices of another make than a model was fitted on needs another make. Called as a program,
one utterance at a time.
"""

import io
import shutil
import subprocess
import wave

import numpy as np

from simulator.sound.speech import SpeechError
from simulator.sound.voices import Voice

ACCENT = "flite"
SPEAKERS = {"awb": 130.0, "kal16": 105.0, "rms": 105.0, "slt": 175.0}  # recorded people and their usual pitch, Hz
_USUAL_WPM, _USUAL_PITCH, _OCTAVE = 160, 50, 90
_HZ = 16_000


def find_flite() -> str | None:
    """The program, or None where there is none."""
    return shutil.which("flite")


def say_flite(text: str, voice: Voice) -> np.ndarray:
    """int16 samples at 16 kHz; `voice.variant` is a speaker, its pitch 50 and 160 words a minute are the recorded ones.

    Raises:
        SpeechError: no flite, no such speaker, or it did not speak.
    """
    program, usual = find_flite(), SPEAKERS.get(voice.variant)
    if program is None or usual is None:
        raise SpeechError(f"voice {voice.name}: no flite here that has it")
    hz = usual * 2 ** ((voice.pitch - _USUAL_PITCH) / _OCTAVE)
    features = {"duration_stretch": _USUAL_WPM / voice.rate_wpm, "int_f0_target_mean": hz}
    options = [part for name, value in features.items() for part in ("--setf", f"{name}={value:.3f}")]
    command = [program, "-voice", voice.variant, *options, "-t", text, "-o", "/dev/stdout"]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    try:
        with wave.open(io.BytesIO(said.stdout)) as spoken:
            if (spoken.getframerate(), spoken.getsampwidth(), spoken.getnchannels()) != (_HZ, 2, 1):
                raise SpeechError(f"voice {voice.name}: flite speaks another format")
            return np.frombuffer(spoken.readframes(spoken.getnframes()), "<i2").astype(np.int16)
    except (wave.Error, EOFError):
        raise SpeechError(f"voice {voice.name}: flite did not speak") from None
