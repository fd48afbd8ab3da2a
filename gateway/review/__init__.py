"""The review tool: what a human reviewer sees of the store."""
