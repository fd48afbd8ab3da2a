"""TLS for the review tool: a certificate, its key, and no unencrypted address but loopback."""

import ssl
from pathlib import Path

from gateway.files import BadFile
from gateway.keys import read_private


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """A server's context, TLS 1.2 or newer.

    Raises:
        BadFile: a file is missing or wrong, the two do not belong together, others may read the key, or it wants a
            password that nobody could type here.
    """
    read_private(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=_nobody_types)
    except OSError as error:
        if isinstance(error, ssl.SSLError):
            raise BadFile(
                f"{certificate}, {key}: no certificate and its own key, in PEM and without password"
            ) from None
        raise BadFile(f"{certificate}: {error.strerror or 'cannot be read'}") from None
    return context


def _nobody_types() -> str:
    return ""
