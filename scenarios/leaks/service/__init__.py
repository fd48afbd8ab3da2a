"""The search as processes of their own, beside a load test or a test suite.

In: exchanges over a socket (`earlid.protocol`). Out: findings in a spool file, counts that add up, and an answer to
whoever asks for one. One process a core; each holds every needle.
"""
