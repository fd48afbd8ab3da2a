"""Which stored clips are reviewed at all: the contract's share, the same clips always."""

import hashlib


def sampled(ref: str, share: float) -> bool:
    """Whether a clip belongs to the share that is reviewed: the same answer for the same ref, always."""
    return int.from_bytes(hashlib.sha256(ref.encode()).digest()[:8]) < share * 2**64
