"""What became of each utterance, in words: history.jsonl, and the sentences of `earlid why`.

In: a judged run. Out: steps of each utterance.
"""
