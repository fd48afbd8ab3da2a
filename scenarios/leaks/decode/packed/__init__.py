"""Opens compressed data, and tells what is text.

In: bytes. Out: what compressions hide in them, and what a person could read in them.
"""
