"""Scenarios drawn at random, tried until an invariant breaks. In: a target. Out: a small scenario file that fails."""
