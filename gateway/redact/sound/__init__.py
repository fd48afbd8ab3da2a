"""Masks words in sound.

In: the sound of a clip, its transcript, and the words to mask. Out: the sound without those words.
"""
