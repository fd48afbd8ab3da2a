"""Which devices are worth listening to at all: asked of the vault once a minute, bounded."""

from collections.abc import Callable

from gateway.contract.model import Contract
from gateway.vault.client import Standing, VaultUnavailable

_ASKED_AGAIN_S = 60.0
_MOST = 4_096


class ConsentCache:
    """`ask` is the vault's `standing`. A vault that does not answer is a no, and asked again at once."""

    def __init__(self, contract: Contract, ask: Callable[[str], Standing | None], now: Callable[[], float]) -> None:
        self._anybody, self._ask, self._now = contract.gate.consent == "ignored", ask, now
        self._known: dict[str, tuple[Standing | None, float]] = {}

    def welcome(self, site_id: str) -> bool:
        """Whether a household has this device, and consents where the contract wants that."""
        standing = self._standing(site_id)
        return standing is not None and (standing.consent or self._anybody)

    def known(self, site_id: str) -> bool | None:
        """Whether a household has this device; None while the vault does not say."""
        standing = self._standing(site_id)
        return standing is not None if standing is not None or site_id in self._known else None

    def home(self, site_id: str) -> str | None:
        """The household that has this device, opaque; None for none, or while the vault does not say."""
        standing = self._standing(site_id)
        return standing.household_key if standing else None

    def _standing(self, site_id: str) -> Standing | None:
        now = self._now()
        answer, asked = self._known.get(site_id, (None, now - _ASKED_AGAIN_S))
        if now - asked < _ASKED_AGAIN_S:
            return answer
        try:
            answer = self._ask(site_id)
        except VaultUnavailable:
            return None
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[site_id] = (answer, now)
        return answer
