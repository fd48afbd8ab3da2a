"""Secrets in sound.

In: the sound of a clip and the words to mask. Out: the sound without them."""
