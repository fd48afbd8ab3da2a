"""Machine code for what looks at every byte: it tells which runs and tokens could hide anything.

Numba compiles these functions when a process has searched a few megabytes, and keeps them in the user's cache folder.
Nothing here decides what is found: without Numba the rooms that call it do the same with numpy.
"""
