"""Runs tried again, smaller or at random, for the same failure. In: a run's out folder. Out: a scenario file."""
