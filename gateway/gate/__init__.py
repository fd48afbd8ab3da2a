"""Audio and contract in, decision out."""
