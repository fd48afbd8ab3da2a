"""Sizes as people write them."""

import re

from gateway.files import BadFile


def size_of(text: str) -> int:
    """Bytes of "512MiB", "10 GB" or "1000". Raises BadFile."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?(?:([kmgt])(i?)b?)?", text.strip().lower())
    if found is None:
        raise BadFile(f"search backlog {text[:20]}: allowed: a size such as 512MiB, 2GiB, 10GB")
    unit = (1_024 if found[3] else 1_000) ** " kmgt".index(found[2] or " ")
    return int(float(found[1]) * unit)
