"""Tells how many processes a search may use."""

import os


def cores() -> int:
    """Return how many cores this process may run on. `taskset` or a container may leave it fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
