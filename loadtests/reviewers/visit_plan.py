"""Who visits which clip next: every clip once in each of its views, then at random. Knows nothing of Locust."""

import random
from collections import deque
from collections.abc import Iterable
from typing import Literal

View = Literal["page", "api", "sound", "sound_api"]
VIEWS: tuple[View, ...] = ("page", "api", "sound", "sound_api")


class VisitPlan:
    """One process's share-out of the queue: the next clip in order goes to whoever asks first."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._waiting: deque[str] = deque()
        self._seen: dict[str, set[View]] = {}
        self._withdrawn: set[str] = set()
        self.listed = False  # some user has read the whole queue
        self._errands_taken = False
        self.errands_done = False
        self.ended = False

    def add(self, refs: Iterable[str]) -> None:
        for ref in refs:
            if ref not in self._seen:
                self._seen[ref] = set()
                self._waiting.append(ref)

    def take(self) -> str | None:
        """A clip nobody has visited wholly; None when all are taken."""
        return self._waiting.popleft() if self._waiting else None

    def take_errands(self) -> bool:
        """Error pages and the like are somebody's task once."""
        free, self._errands_taken = not self._errands_taken, True
        return free

    def visited(self, ref: str, view: View) -> None:
        self._seen[ref].add(view)

    def give_back(self, ref: str) -> None:
        """Visit it again later, when a view of it got no answer."""
        if not self.is_whole(ref):
            self._waiting.append(ref)

    def withdrawn(self, ref: str) -> None:
        self._withdrawn.add(ref)

    def any_ref(self) -> str | None:
        left = [ref for ref in self._seen if ref not in self._withdrawn]
        return self._rng.choice(left) if left else None

    def chance(self, share: float) -> bool:
        return self._rng.random() < share

    def is_whole(self, ref: str) -> bool:
        return len(self._seen[ref]) == len(VIEWS)

    @property
    def clips(self) -> int:
        return len(self._seen)

    @property
    def covered(self) -> int:
        """Clips visited in every view."""
        return sum(self.is_whole(ref) for ref in self._seen)

    @property
    def complete(self) -> bool:
        return self.listed and self.errands_done and self.covered == self.clips
