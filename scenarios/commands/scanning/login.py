"""The login of a scanned site: a file with the keys that stand under `login` in a target file."""

from collections.abc import Sequence
from pathlib import Path

import httpx

from gateway.files import BadFile
from scenarios.kept.read.client import host_of
from scenarios.kept.read.clip import Unreadable
from scenarios.kept.read.login import log_in
from scenarios.leaks.sources.network.site import SignIn
from scenarios.model.targets.login import Login
from scenarios.model.validated import validated
from scenarios.model.yaml_file import read_document


def sign_in_of(path: Path, targets: Sequence[str]) -> SignIn:
    """What signs a client in to the one site among the targets. It returns why it was refused, or None.

    Credentials stand in the environment or in files of mode 0600 beside this one. They are sent to that site alone.

    Raises:
        BadFile: the file is missing, or there is not exactly one site. BadFiles: every fault of the file.
    """
    login = validated(read_document(path), Login)
    sites = [target for target in targets if target.startswith(("http://", "https://"))]
    if len(sites) != 1:
        raise BadFile(f"--login {path}: {len(sites)} sites are to be searched; allowed: one, which it is for")
    host = _host(sites[0])

    def sign_in(client: httpx.Client) -> str | None:
        try:
            log_in(client, login, path.parent, lambda address: _host(address) == host)
        except Unreadable as error:
            return str(error)
        return None

    return sign_in


def _host(address: str) -> str:
    """host:port, or nothing that any address has."""
    try:
        return host_of(address)
    except httpx.InvalidURL:
        return ""
