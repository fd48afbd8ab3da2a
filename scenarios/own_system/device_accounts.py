"""Each device with an account and a connection of its own: the file that names them, and the link that keeps them
apart."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from gateway.files import BadFile
from gateway.wire import Topics
from scenarios.kept.read.credentials import private_bytes
from simulator.links.link import Answer, Link, LinkError

MOST = 250  # connections of one thread each


class DeviceAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one device signs in. Without `user` its site id is the name."""

    password: str
    user: str | None = None


def device_accounts(path: Path) -> Mapping[str, tuple[str, str]]:
    """(user, password) by site id, from a private JSON file: {"site": "password"} or {"site": {"user", "password"}}.

    Raises:
        BadFile: missing, readable by others, or not such a file. Nothing of it is quoted.
    """
    try:
        said = msgspec.json.decode(private_bytes(path), type=dict[str, str | DeviceAccount])
    except (msgspec.DecodeError, UnicodeDecodeError):
        wanted = json.dumps({"site": "password", "another": {"user": "u", "password": "p"}})
        raise BadFile(f"{path}: not a JSON object of accounts by site id, such as {wanted}") from None
    return {
        site: (site, account) if isinstance(account, str) else (account.user or site, account.password)
        for site, account in said.items()
    }


def accounts_for(accounts: Mapping[str, tuple[str, str]], sites: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The accounts of these devices. Raises BadFile: some have none, or there are too many for one machine."""
    missing = [site for site in sites if site not in accounts]
    if missing:
        raise BadFile(
            f"target: broker.devices: {len(missing)} of {len(sites)} devices of the fleet have no account in it; "
            "`identities` in the target file names the households that the system knows"
        )
    if len(sites) > MOST:
        raise BadFile(f"target: broker.devices: {len(sites)} devices; {MOST} connections at most on one machine")
    return {site: accounts[site] for site in sites}


class ByDevice:
    """A link that sends each device's messages over that device's own. `made` opens one for a site.

    Raises:
        LinkError: no broker answers, or it refuses a device.
    """

    def __init__(self, sites: Sequence[str], made: Callable[[str], Link], root: str = "") -> None:
        self._topics = Topics(root)
        self._links = {site: made(site) for site in sites}

    def send(self, topic: str, payload: bytes) -> None:
        levels = self._topics.split(topic)
        site = levels[2] if levels[:1] == ["hermes"] and len(levels) > 2 else levels[1] if len(levels) > 1 else ""
        if site not in self._links:
            raise LinkError("a message of a device that has no account")
        self._links[site].send(topic, payload)

    def drain(self) -> list[Answer]:
        return [answer for link in self._links.values() for answer in link.drain()]

    def close(self) -> None:
        """The links are closed by whoever opened them."""
