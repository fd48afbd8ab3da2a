"""Makes needles: the values that a response must not hold, and how each is searched for.

In: identities. Out: needles, and what was left out by field.
"""
