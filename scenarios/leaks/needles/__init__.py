"""What is searched for.

In: identities. Out: needles, the values that a response may not hold, and how each is searched for."""
