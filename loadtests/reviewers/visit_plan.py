"""Which clips were visited, and in which views. It knows nothing of Locust."""

import random
from typing import Literal

View = Literal["page", "api", "sound", "sound_api"]
VIEWS: tuple[View, ...] = ("page", "api", "sound", "sound_api")


class VisitPlan:
    """The visits of one process. The review tool assigns clips. Each assigned clip must be seen in every view."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._seen: dict[str, set[View]] = {}
        self._withdrawn: set[str] = set()
        self.listed = False  # some user was told that no clip is left
        self._asking = 0  # users whose next clip is on its way
        self._error_probes_taken = False
        self._tour_taken = False
        self.error_probes_done = False
        self.ended = False

    def ask(self) -> None:
        """A user asks for the next clip. `answered` must follow, whatever the answer is."""
        self._asking += 1

    def answered(self) -> None:
        self._asking -= 1

    def add(self, ref: str) -> bool:
        """Add an assigned clip. Returns True if it was not seen in every view yet."""
        self._seen.setdefault(ref, set())
        return not self.is_whole(ref)

    def take_error_probes(self) -> bool:
        """Returns True to the first caller only: that user requests the error probes."""
        free, self._error_probes_taken = not self._error_probes_taken, True
        return free

    def take_tour(self) -> bool:
        """Returns True to the first caller only: that user does with its clip everything that a reviewer may do. A run
        of one clip then uses every route, whatever the dice say."""
        free, self._tour_taken = not self._tour_taken, True
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
        """The number of clips that were visited in every view."""
        return sum(self.is_whole(ref) for ref in self._seen)

    @property
    def complete(self) -> bool:
        """Nothing is left to visit. An answer on its way to another user may hold a clip that nobody has seen."""
        return self.listed and not self._asking and self.error_probes_done and self.covered == self.clips
