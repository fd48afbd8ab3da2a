"""The gateway at work: intake, gate, redact, storage, in this order.

In: clips from the intake. Out: stored clips, and a receipt for each utterance."""
