"""The devices at work.

In: a plan, a clock and a link. Out: messages on the link, and what became of each utterance."""
