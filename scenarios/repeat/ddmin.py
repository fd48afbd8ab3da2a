"""Delta debugging: the smallest part of a list that still fails (Zeller and Hildebrandt, 2002). Pure."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def smallest(items: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """A part that fails and of which no single item can go. The items keep their order.

    Raises:
        ValueError: the whole does not fail.
    """
    if not fails(items):
        raise ValueError("the whole does not fail")
    left, parts = list(items), 2
    while len(left) > 1:
        size = -(-len(left) // parts)
        chunks = [left[at : at + size] for at in range(0, len(left), size)]
        for chunk in chunks:
            if len(chunk) < len(left) and fails(chunk):
                left, parts = chunk, 2
                break
        else:
            for chunk in chunks if len(chunks) > 2 else ():
                rest = [item for item in left if item not in chunk]
                if fails(rest):
                    left, parts = rest, max(2, parts - 1)
                    break
            else:
                if parts >= len(left):
                    return left
                parts = min(len(left), parts * 2)
    return left
