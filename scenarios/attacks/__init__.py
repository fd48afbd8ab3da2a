"""What an attacker could still do with what reviewers see.

In: observations and the truth. Out: how well clips can be linked, and how many households a clip could belong to."""
