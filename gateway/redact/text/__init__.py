"""Secrets in words.

In: the words of a transcript and the household's own values. Out: spans of words to mask, by class."""
