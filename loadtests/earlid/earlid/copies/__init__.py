"""Copies what is read of an answer while it is read, whichever client reads it. Imports nothing of Earlid."""
