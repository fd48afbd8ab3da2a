"""Masks words in text.

In: a transcript and the household's facts. Out: character spans of the words that identify somebody.
"""
