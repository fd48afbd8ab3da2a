"""Over connections of their own, devices sign in each by its own account."""

from types import SimpleNamespace
from typing import Any

import pytest

from scenarios.run import drive
from simulator.links.swarm import Account


def test_each_device_signs_in_by_its_own_account(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def link(host: str, port: int, accounts: dict[str, Account], **_: Any) -> object:
        given.update(accounts, at=(host, port))
        return object()

    monkeypatch.setattr(drive, "SwarmLink", link)
    plan = SimpleNamespace(devices=[SimpleNamespace(site_id=site) for site in ("dev1", "dev2", "dev3")])
    broker = SimpleNamespace(url="mqtt://127.0.0.1:1883", passwords={"fleet": "all", "dev1": "one", "dev2": "two"})
    drive._swarm(plan, SimpleNamespace(devices_broker=broker), control=None)  # type: ignore[arg-type]
    assert given.pop("at") == ("127.0.0.1", 1883)
    assert given == {
        "dev1": Account(site_id="dev1", username="dev1", password="one"),
        "dev2": Account(site_id="dev2", username="dev2", password="two"),
        "dev3": Account(site_id="dev3", username=None, password=None),
    }
