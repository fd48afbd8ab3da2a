"""The gate.

In: a clip's audio, what the engine heard in it, and the contract. Out: a `GateDecision`, which keeps or drops the clip.
"""
