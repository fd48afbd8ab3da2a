"""What may be shown of a search.

In: findings and file names as they are. Out: text that is safe for each output, random names for homes, and the block
of what was looked for, left out and not opened.
"""
