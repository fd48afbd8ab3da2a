"""Prepares a clip's sound for the page.

In: redacted audio and its peaks. Out: parts of a WAV, the waveform as SVG, the spectrogram as PNG."""
