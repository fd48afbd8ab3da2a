"""Turns what is said into what is written.

In: a text with number words, spelled letters, signs of addresses by name. Out: texts with digits, letters and signs.
"""
