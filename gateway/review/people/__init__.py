"""Who works with the review tool, and how they prove it.

In: names, passwords, codes, invitations. Out: sessions, and one answer to everything that is wrong. Knows no clips."""
