"""What is to be judged: truth, contract, and what was read of a system that is somebody's own."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from gateway.contract.model import Contract
from gateway.identities import Identities
from scenarios.kept.needs import NEEDS
from scenarios.kept.read.entry import Entry
from scenarios.kept.read.review import Looked
from scenarios.kept.read.visited import Visited
from scenarios.model.observations import Aged, Searched
from scenarios.model.scenario import Gating, Scenario
from scenarios.model.targets.target_file import Own
from simulator.world.truth import Truth

Pcm = npt.NDArray[np.int16]
CHECKS = ("leaks", "positive_control", "conservation", "should_not_exist", "gating", "spoken_secrets")
ORDER = tuple(need.check for need in NEEDS)
NOT_ASKED = Entry()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be judged. `sent` are the recordings by utterance; it is empty if there are none to compare with.
    `looked` is what the review app showed, `entry` whom it lets in, `visited` what people at work were answered.
    `at_rest` is what the system's files hold. `aged` is what was left in the store on later days, `unaged` why nobody
    knows that. `older` clips were kept before the fleet spoke, which began at `began_ms`.

    With a `scenario` its checks are judged, otherwise the usual ones. `doubts` say why the system may not have kept
    everything yet, and `notes` what was not sent. `beside` is the folder of the target file. `places` says where files
    at rest were searched, and where not.
    """

    target: Own
    contract: Contract
    identities: Identities
    truth: Truth
    sent: Mapping[str, Pcm]
    gating: Gating
    out: Path
    looked: Looked = Looked()
    entry: Entry = NOT_ASKED
    visited: Visited = Visited()
    scenario: Scenario | None = None
    at_rest: tuple[Searched, ...] = ()
    beside: Path = Path()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    places: str | None = None
    aged: tuple[Aged, ...] = ()
    unaged: str | None = None
    older: int = 0
    began_ms: int = 0

    @property
    def checks(self) -> tuple[str, ...]:
        named = CHECKS if self.scenario is None else tuple(self.scenario.judged_by)
        return tuple(sorted(named, key=ORDER.index))
