"""Holds messages that came before or after their session. Bounded in all, for each device, and in time."""

from collections.abc import Iterator
from typing import Generic, TypeVar

V = TypeVar("V")
Key = tuple[str, str]  # site id, session id

MOST, MOST_PER_SITE = 4_096, 16
KEPT_S = 30.0


class OrphanCache(Generic[V]):
    """Keeps one value for each session for half a minute. Not thread-safe: one worker owns it."""

    def __init__(self) -> None:
        self._sites: dict[str, dict[str, tuple[float, V]]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: Key) -> bool:
        return key[1] in self._sites.get(key[0], {})

    def put(self, key: Key, value: V, now: float) -> None:
        """Store a value and replace an earlier one.

        If the device is over its limit, its oldest value is removed. If the whole cache is full, the oldest value of
        another device is removed.
        """
        self.pop(key)
        own = self._sites.get(key[0], {})
        if len(own) >= MOST_PER_SITE:
            self.pop((key[0], next(iter(own))))
        elif self._count >= MOST:
            site, first = next(iter(self._sites.items()))
            self.pop((site, next(iter(first))))
        self._sites.setdefault(key[0], {})[key[1]] = (now, value)
        self._count += 1

    def get(self, key: Key) -> V | None:
        held = self._sites.get(key[0], {}).get(key[1])
        return None if held is None else held[1]

    def pop(self, key: Key) -> V | None:
        own = self._sites.get(key[0], {})
        if key[1] not in own:
            return None
        self._count -= 1
        _, value = own.pop(key[1])
        if not own:
            del self._sites[key[0]]
        return value

    def forget_old(self, now: float) -> None:
        for key in list(self._old(now)):
            self.pop(key)

    def _old(self, now: float) -> Iterator[Key]:
        for site, own in self._sites.items():
            for session, (came, _) in own.items():
                if now - came <= KEPT_S:
                    break  # the values of one device are in order of arrival
                yield site, session
