"""A vault in memory, with the same answers as the vault's process."""

from collections.abc import Callable, Mapping

from gateway.vault.messages import CustomerFacts, SiteFacts, Standing


class InMemoryVault:
    """The same answers from two mappings, for tests and tools without a vault's process."""

    def __init__(
        self,
        sites: Mapping[str, SiteFacts] | None = None,
        customers: Mapping[str, CustomerFacts] | None = None,
        contact_matches: Callable[[str, str, str, str], bool | None] | None = None,
    ) -> None:
        self._sites, self._customers, self._matches = dict(sites or {}), dict(customers or {}), contact_matches

    def standing(self, site_id: str) -> Standing | None:
        facts = self._sites.get(site_id)
        return Standing(household_key=facts.household_key, consent=facts.consent) if facts else None

    def site(self, site_id: str) -> SiteFacts | None:
        return self._sites.get(site_id)

    def customer(self, customer_id: str) -> CustomerFacts | None:
        return self._customers.get(customer_id)

    def contact_matches(self, owner: str, reviewer: str, clip: str, heard: str) -> bool | None:
        return self._matches(owner, reviewer, clip, heard) if self._matches else None

    def close(self) -> None:
        """Nothing to close."""
