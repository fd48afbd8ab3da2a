"""The gateway's commands (`earlid gateway|vault|review|contract|custody`).

In: command-line options. Out: running processes, and lines for a person to read."""
