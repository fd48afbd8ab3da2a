"""Who lives where and what they say.

In: a seed and the settings. Out: households, places, utterances, the times at which people speak, and the truth about
all of them. Nothing here makes a sound or sends a message."""
