"""Languages as data (locales/*.yaml).

In: a text and its language. Out: its words in pieces, and the numbers and letters that they say.
"""
