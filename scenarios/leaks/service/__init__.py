"""The leak search in processes of its own, beside a load test or a test suite.

In: exchanges over a socket (`earlid.protocol`). Out: findings in a spool file, totals over all workers, and an
answer to each client that asks for one. There is one worker for each core, and each holds every needle.
"""
