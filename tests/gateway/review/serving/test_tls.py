import ssl
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from gateway.files import BadFile, write_private
from gateway.review.serving.tls import tls_context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def files(folder: Path, authority: trustme.CA) -> tuple[Path, Path]:
    made = authority.issue_cert("review.test")
    cert, key = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(b"".join(each.bytes() for each in made.cert_chain_pems))
    write_private(key, made.private_key_pem.bytes())
    return cert, key


def test_a_certificate_and_its_key(tmp_path: Path, authority: trustme.CA) -> None:
    context = tls_context(*files(tmp_path, authority))
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_what_is_wrong_is_one_line_and_nobody_is_asked_for_a_password(tmp_path: Path, authority: trustme.CA) -> None:
    cert, key = files(tmp_path, authority)
    with pytest.raises(BadFile, match="No such file"):
        tls_context(tmp_path / "missing.pem", key)
    with pytest.raises(BadFile, match="No such file"):
        tls_context(cert, tmp_path / "missing.pem")
    with pytest.raises(BadFile, match="no certificate and its own key"):
        tls_context(key, key)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(BadFile, match="no certificate and its own key"):
        tls_context(cert, files(other, authority)[1])
    locked = tmp_path / "locked.pem"
    plain = serialization.load_pem_private_key(key.read_bytes(), None)
    how = serialization.BestAvailableEncryption(b"secret")
    pem = plain.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)
    write_private(locked, pem)
    with pytest.raises(BadFile, match="without password"):
        tls_context(cert, locked)
    key.chmod(0o644)
    with pytest.raises(BadFile, match="chmod 600"):
        tls_context(cert, key)
