"""Runs a scenario against somebody's own system.

In: a scenario and a target file of kind attached or command. Out: a judged run. The fleet speaks to the system over
its own wire, and what the system kept is read back.
"""
