"""The contract: what may be kept, and what is left of it.

In: a YAML file. Out: a checked `Contract`, or a list of what is wrong with the file. The shipped contracts are in
`presets/`. This is one of the gateway's public doors: it imports nothing else of the gateway but `files.py`."""
