"""Chooses the contract's share of stored clips for review. The same clips are always chosen."""

import hashlib


def sampled(ref: str, share: float) -> bool:
    """Whether a clip is in the reviewed share. The answer depends on the ref alone."""
    return int.from_bytes(hashlib.sha256(ref.encode()).digest()[:8]) < share * 2**64
