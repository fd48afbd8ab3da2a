"""The vault is asked once a minute who is worth listening to; one that does not answer is a no for now."""

from gateway.contract.model import load_contract
from gateway.intake.consent_cache import ConsentCache
from gateway.vault.messages import Standing, VaultUnavailable
from tests.gateway.world import without_second_stage

HOMES = {"yes": Standing(household_key="a", consent=True), "no": Standing(household_key="b", consent=False)}


def test_who_consents_is_welcome_and_asked_once_a_minute() -> None:
    asked: list[str] = []
    now = [0.0]

    def ask(site: str) -> Standing | None:
        asked.append(site)
        return HOMES.get(site)

    standings = ConsentCache(load_contract("strict"), ask, lambda: now[0])
    for now[0] in (0.0, 30.0, 59.9):
        assert [standings.welcome(site) for site in ("yes", "no", "stranger")] == [True, False, False]
    assert asked == ["yes", "no", "stranger"]
    now[0] = 60.0
    assert standings.welcome("yes")
    assert asked[-1] == "yes"
    for number in range(10_000):
        standings.welcome(f"stranger{number}")
    assert len(standings._known) <= 4_096


def test_where_consent_is_ignored_any_device_of_a_household_is_welcome() -> None:
    standings = ConsentCache(without_second_stage("amazon-2019-before"), HOMES.get, lambda: 0.0)
    assert [standings.welcome(site) for site in ("yes", "no", "stranger")] == [True, True, False]


def test_a_vault_that_is_away_is_asked_again_at_once() -> None:
    away = [True]

    def ask(site: str) -> Standing | None:
        if away[0]:
            raise VaultUnavailable
        return HOMES.get(site)

    standings = ConsentCache(load_contract("strict"), ask, lambda: 0.0)
    assert not standings.welcome("yes")
    away[0] = False
    assert standings.welcome("yes")
