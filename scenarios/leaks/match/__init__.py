"""Finds what in a readable text identifies a household.

In: a text and the needles. Out: findings. Each module finds one family: places, hashes, masked numbers, names and
others.
"""
