"""The review tool's pages, rendered on the server.

In: a person's session and a form. Out: a page of `templates/`, or the way to the next one. `router.py` puts the pages
together; each file adds those of one job. What a person may do is decided by the services one folder up.
"""
