"""The audit log.

In: who asked for what and whether they got it. Out: a log in which a change shows. It never holds an identity."""
