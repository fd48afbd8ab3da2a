"""What a fleet will do, before it does it.

In: households and fleet settings. Out: for each device the utterances it will hear and the times it is away."""
