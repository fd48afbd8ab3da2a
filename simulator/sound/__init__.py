"""What a microphone hears.

In: a text, a voice, a room and a background. Out: PCM samples (int16, mono, 16 kHz) with the place of every word."""
