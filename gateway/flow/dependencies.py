"""What the service needs from outside: contract, detector, vault, store, keys and clocks."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.clip import RedactedClip
from gateway.contract.model import Contract
from gateway.flow.decision_notes import DecisionNotes
from gateway.gate.verify import Verifier
from gateway.gate.wake import Detector
from gateway.intake.mute_switches import MuteSwitches
from gateway.redact.location import Population
from gateway.redact.sound.align import Aligner, PocketSphinx
from gateway.vault.messages import SiteFacts, Standing


class Vault(Protocol):
    """What the gateway asks of the vault. Raises VaultUnavailable."""

    def standing(self, site_id: str) -> Standing | None:
        """Asked before each decision. None for a device that no household has."""

    def site(self, site_id: str) -> SiteFacts | None:
        """Asked for kept clips only, because the vault logs it."""


class Keeper(Protocol):
    """What the gateway asks of the store."""

    def put(self, clip: RedactedClip, *, session_key: str, join_tag: str | None = None) -> bool:
        """Keep a clip. Returns False if a clip with this session key is kept already."""

    def has_session(self, session_key: str) -> bool:
        """Whether this session was kept before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependencies:
    """What the service needs. `key` makes pseudonyms and session keys. `now` is the gateway's clock.

    `join_key` and `notes` are for a test harness.
    """

    contract: Contract
    detector: Detector
    vault: Vault
    store: Keeper
    population: Population
    key: bytes
    now: Callable[[], datetime]
    aligner: Aligner = field(default_factory=PocketSphinx)
    join_key: bytes | None = None
    notes: DecisionNotes | None = None
    verifier: Verifier | None = None
    switches: MuteSwitches = field(default_factory=MuteSwitches)
    topic_root: str = ""
    monotonic: Callable[[], float] = time.monotonic
