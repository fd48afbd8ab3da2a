"""A reverse proxy that hands everything it passes on to the search process.

In: requests of any client (a browser, k6, a person). Out: the answers of another site, unchanged, and exchanges for the
search. HTTP/1.1 and WebSocket.
"""
