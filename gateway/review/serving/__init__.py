"""Connects the review tool to the network.

In: sockets, certificates, slow or greedy clients. Out: whole requests to the app, and figures about them."""
