"""The review tool: what a human reviewer sees of the store.

In: the store, a contract and accounts. Out: pages and a JSON API over HTTP. `tool.py` makes the parts, `site.py` and
`api.py` give them routes, `app.py` puts limits and headers around them, and `serve.py` listens.
"""
