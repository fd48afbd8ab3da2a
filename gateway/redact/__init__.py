"""Redaction.

In: a kept clip, its decision, the contract and the household's facts. Out: a `RedactedClip`. Each operator is one file:
it finds spans first and then transforms them. `pipeline.py` lists the operators in order."""
