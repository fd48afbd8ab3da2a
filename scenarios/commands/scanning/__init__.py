"""What `earlid scan` is asked, and how it tells what it found.

In: the command line's options, and a scan's result. Out: checked options, tables, JSON and SARIF.
"""
