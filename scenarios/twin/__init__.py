"""Twin runs: two worlds that differ in identities alone.

In: a world and its twin. Out: every difference that a reviewer could see between them."""
