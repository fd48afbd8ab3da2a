"""Proof that the detector works: planted leaks, a clean corpus, broken applications; counted, not claimed."""
