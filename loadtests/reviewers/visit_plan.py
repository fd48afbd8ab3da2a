"""Which clips were visited, each in each of its views. Knows nothing of Locust."""

import random
from typing import Literal

View = Literal["page", "api", "sound", "sound_api"]
VIEWS: tuple[View, ...] = ("page", "api", "sound", "sound_api")


class VisitPlan:
    """One process's visits. The review tool assigns the clips; what was assigned has to be seen in every view."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._seen: dict[str, set[View]] = {}
        self._withdrawn: set[str] = set()
        self.listed = False  # to some user nothing more was assigned
        self._errands_taken = False
        self.errands_done = False
        self.ended = False

    def add(self, ref: str) -> bool:
        """An assigned clip; True when it has not been seen in every view yet."""
        self._seen.setdefault(ref, set())
        return not self.is_whole(ref)

    def take_errands(self) -> bool:
        """Error pages and the like are somebody's task once."""
        free, self._errands_taken = not self._errands_taken, True
        return free

    def visited(self, ref: str, view: View) -> None:
        self._seen[ref].add(view)

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
