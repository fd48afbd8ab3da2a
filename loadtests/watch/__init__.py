"""The leak watch for any locustfile.

In: Locust's request events. Out: findings, counts and the exit code."""
