"""Clips that somebody's own system kept, read back and joined with the truth.

In: a target file's `kept` and `join`, and a truth. Out: clips as they stand there, which utterance each of them is,
and from both a judged run. One reader a file; `readers.py` lists them.
"""
