"""What bytes and texts stand for.

In: bytes. Out: every readable layer in them, with encodings taken off in any order."""
