"""Accounts of devices come from a private file; each device's messages go over its own link."""

from pathlib import Path

import pytest

from gateway.files import BadFile, write_private
from scenarios.own_system.device_accounts import ByDevice, accounts_for, device_accounts
from simulator.links.link import Link, LinkError, MemoryLink


def test_a_site_names_its_user_or_is_one(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    write_private(path, b'{"dev1": "one", "dev2": {"user": "thing-2", "password": "two"}}')
    assert device_accounts(path) == {"dev1": ("dev1", "one"), "dev2": ("thing-2", "two")}


@pytest.mark.parametrize("text", [b"hush-7361", b'["hush-7361"]', b'{"dev1": {"pass": "hush-7361"}}', b"\xff"])
def test_what_is_wrong_with_the_file_quotes_nothing(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "accounts.json"
    write_private(path, text)
    with pytest.raises(BadFile, match="not a JSON object of accounts") as caught:
        device_accounts(path)
    assert "hush" not in str(caught.value)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    path.write_text("{}")
    path.chmod(0o644)
    with pytest.raises(BadFile, match="others may read"):
        device_accounts(path)


def test_a_device_without_an_account_is_told_before_anything_is_sent() -> None:
    with pytest.raises(BadFile, match="1 of 2 devices of the fleet have no account"):
        accounts_for({"dev1": ("dev1", "one")}, ["dev1", "dev2"])


def test_each_device_speaks_over_its_own_link() -> None:
    sent: list[tuple[str, str]] = []

    def made(site: str) -> Link:
        def handle(topic: str, _payload: bytes) -> list[tuple[str, bytes]]:
            sent.append((site, topic))
            return []

        return MemoryLink(handle)

    link = ByDevice(["dev1", "dev2"], made)
    link.send("hermes/audioServer/dev2/s1/audioSessionFrame", b"")
    link.send("earlid/dev1/session/end", b"")
    assert sent == [("dev2", "hermes/audioServer/dev2/s1/audioSessionFrame"), ("dev1", "earlid/dev1/session/end")]
    with pytest.raises(LinkError, match="has no account"):
        link.send("earlid/nobody/mute", b"")
