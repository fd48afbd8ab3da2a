"""What can be typed after `earlid`: options, help and examples of each command.

In: command-line options. Out: calls into `scenarios/commands` and the other rooms. `scenarios/cli.py` lists them.
"""
