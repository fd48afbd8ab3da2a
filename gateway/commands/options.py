"""Reads options of the gateway's commands. Every function raises BadFile for what cannot be."""

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from gateway.contract.model import Contract
from gateway.files import BadFile
from gateway.keys import read_key


def address(said: str) -> str:
    """The address that `--bind` names."""
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:
        raise BadFile("--bind: an address of this machine is wanted, such as 127.0.0.1 or ::1") from None


def tls_files(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """The two files of TLS, or None if TLS was not asked for."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise BadFile("--tls-cert FILE and --tls-key FILE: both are wanted, or neither")
    return certificate, key


def networks(said: list[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks that `--proxy` names."""
    try:
        return [ipaddress.ip_network(each) for each in said]
    except ValueError:
        raise BadFile("--proxy: a network is wanted, such as 10.0.0.0/8 or 192.0.2.7") from None


def refuse_plaintext(broker: str, rules: Contract) -> None:
    """Refuse audio in the clear over a network, where the contract protects."""
    parts = urlsplit(broker)
    if parts.scheme != "mqtt" or rules.kind != "protect":
        return
    host = parts.hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise BadFile(f"--broker {host}: contract {rules.name} takes audio over mqtts:// only, save on loopback")


def token(path: Path | None) -> str:
    """One client's own token: the file of all of them is the vault's alone."""
    return read_key(path).decode("ascii", "replace").strip() if path else ""
