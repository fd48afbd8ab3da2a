"""The review tool's pages, rendered on the server.

In: a person's session and a form. Out: a page of `templates/`, or the way to the next one. Each file adds the pages of
one job, and `site.py` one folder up puts them together. What a person may do is decided by the services beside it.
"""
