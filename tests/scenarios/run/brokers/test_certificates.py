"""A client that trusts the certificate reaches this machine under both of its names, and no other."""

import ssl
from pathlib import Path

import pytest

from scenarios.run.brokers.certificates import make_certificate


def handshake(folder: Path, name: str) -> None:
    """Let a client and a server speak in memory."""
    certificate, key = make_certificate(folder)
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=str(certificate))
    ours.load_cert_chain(certificate, key)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = ours.wrap_bio(up, down, server_side=True)
    client = theirs.wrap_bio(down, up, server_hostname=name)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_client_that_trusts_it_gets_through(tmp_path: Path, name: str) -> None:
    handshake(tmp_path, name)
    assert (tmp_path / "broker.key").stat().st_mode & 0o777 == 0o600


def test_it_is_no_certificate_of_another_machine(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(tmp_path, "broker.example")
