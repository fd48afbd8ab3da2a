"""Wake words and what sounds like them: the corpus the acoustic verifier is trained on and judged by."""
