"""One language's words as data.

In: a text and the language it is in. Out: its words in pieces, the numbers and letters they say.
"""
