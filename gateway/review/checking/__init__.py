"""Compares the answers of several annotators.

In: what several people said of the same clips. Out: differences to settle, settled answers, figures of agreement."""
