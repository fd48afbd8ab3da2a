"""What a clip sounds like, made ready on the server.

In: redacted audio and its peaks. Out: parts of a WAV, the waveform as SVG, the spectrogram as PNG."""
