"""Caches for a minute which devices the vault allows the gateway to listen to."""

from collections.abc import Callable

from gateway.contract.model import Contract
from gateway.vault.messages import Standing, VaultUnavailable

_ASKED_AGAIN_S = 60.0
_MOST = 4_096


class ConsentCache:
    """Caches the vault's answers for at most 4,096 devices.

    `ask` is the vault client's `standing`. If the vault does not answer, the answer is no, and it is asked again the
    next time. `now` gives monotonic seconds.
    """

    def __init__(self, contract: Contract, ask: Callable[[str], Standing | None], now: Callable[[], float]) -> None:
        self._anybody, self._ask, self._now = contract.gate.consent == "ignored", ask, now
        self._known: dict[str, tuple[Standing | None, float]] = {}

    def welcome(self, site_id: str) -> bool:
        """Whether a household has this device and, where the contract requires consent, has given it."""
        standing = self._standing(site_id)
        return standing is not None and (standing.consent or self._anybody)

    def known(self, site_id: str) -> bool | None:
        """Whether a household has this device; None while the vault does not answer."""
        standing = self._standing(site_id)
        return standing is not None if standing is not None or site_id in self._known else None

    def home(self, site_id: str) -> str | None:
        """An opaque key of the household that has this device. None if there is none or the vault does not answer."""
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
