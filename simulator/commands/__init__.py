"""The simulator's commands (`earlid simulate ...`).

In: command-line options. Out: files, pages and a fleet at work."""
