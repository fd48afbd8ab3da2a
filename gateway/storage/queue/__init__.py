"""Who works on which clip.

In: kept clips and the contract's bounds. Out: batches of published clips, one clip at a time for one person, and what
that person has typed of it so far."""
