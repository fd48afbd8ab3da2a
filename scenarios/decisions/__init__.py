"""What the built-in gateway tells of its decisions: the scores behind each attempt, over a named pipe.

In: lines that the gateway writes. Out: decisions by utterance, in memory.
"""
