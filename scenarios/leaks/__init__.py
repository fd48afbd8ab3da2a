"""Known-value leak detection: needles, decoding, matching."""
