"""The one process that knows who lives where.

In: identities, and narrow questions over a Unix socket. Out: narrow answers. It holds the keys, counts the tries of
the contact check, and opens a household's identity only when two people agree."""
