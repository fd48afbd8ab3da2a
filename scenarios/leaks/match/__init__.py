"""What in a readable text identifies a household.

In: a text and the needles. Out: findings of one family each: places, hashes, masked numbers, sounds."""
