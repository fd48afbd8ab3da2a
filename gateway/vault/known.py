"""The households that the vault holds in memory, and what it answers about each."""

from pathlib import Path

from gateway.identities import Household, Identities, load_provisioning, parse_identities
from gateway.vault.facts import OWNER, Neighbours, customers_of, site_facts, standing_of
from gateway.vault.messages import CustomerFacts, SiteFacts, Standing
from gateway.vault.sealing import NotSealed, Seal, is_sealed, read_sealed


def load_known(path: Path, seal: Seal) -> Identities:
    """Identities from a sealed or a plain provisioning file. Raises BadFile."""
    if is_sealed(path):
        return parse_identities(read_sealed(path, seal), str(path))
    return load_provisioning(path)


class Known:
    """The households in memory, and the answers about each."""

    def __init__(self, identities: Identities, seal: Seal) -> None:
        self._seal = seal
        self.learn(identities)

    def learn(self, identities: Identities) -> None:
        self.identities = identities
        self._near = Neighbours(identities)
        self._homes = {home.household_id: home for home in identities.households}
        self._sites = {d.site_id: (home, d) for home in identities.households for d in home.devices}
        self.customers: dict[str, CustomerFacts] = customers_of(identities)

    def site(self, site_id: str) -> SiteFacts | None:
        found = self._sites.get(site_id)
        return site_facts(*found, self._seal, self._near) if found else None

    def standing(self, site_id: str) -> Standing | None:
        found = self._sites.get(site_id)
        return standing_of(found[0], self._seal) if found else None

    def owner(self, sealed: str) -> Household | None:
        """The clip's household. None if this vault did not seal it, or has forgotten the household."""
        try:
            return self._homes.get(self._seal.open_text(sealed, OWNER))
        except NotSealed:
            return None

    def home(self, household_id: str) -> Household | None:
        return self._homes.get(household_id)

    def of_site(self, site_id: str) -> Household | None:
        found = self._sites.get(site_id)
        return found[0] if found else None
