"""What each event of a timeline does, in words.

In: an event. Out: a sentence."""
