"""What lies in bytes that are no text yet.

In: bytes. Out: what compressions hide in them, and what a person could read in them."""
