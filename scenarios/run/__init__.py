"""One scenario run.

In: a scenario and a target. Out: processes started and stopped, a fleet driven, and a `RunResult`."""
