"""Where the texts come from.

In: files, folders, archives, databases, recorded requests, web addresses, a broker. Out: named pieces that the
detector searches, and a note of everything that could not be opened. `readers.py` lists every kind of file there is
a reader for.
"""
