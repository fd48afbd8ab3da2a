"""The command line of the harness: one file for each command of `earlid`.

In: command-line options. Out: printed lines, report files and exit codes."""
