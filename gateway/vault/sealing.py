"""Encrypts the vault's file, and the household in each stored clip. The key lies elsewhere.

The method is AES-256-GCM with a random nonce. The same text sealed twice gives two texts that share nothing.
"""

import base64
import binascii
import hashlib
import hmac
import os
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.files import BadFile
from gateway.keys import read_private

MAGIC = b"EARLID-VAULT-1\n"
_NONCE = 12


class NotSealed(ValueError):
    """Not sealed with this key, or changed since. The text never quotes what was sealed."""


class Seal:
    """Seals under one key of at least 16 bytes. A text sealed for one `purpose` does not open for another."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def close(self, data: bytes, purpose: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._box(purpose).encrypt(nonce, data, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises NotSealed."""
        try:
            return self._box(purpose).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except (InvalidTag, ValueError):
            raise NotSealed("not sealed with this key") from None

    def close_text(self, text: str, purpose: str) -> str:
        """For columns and JSON: URL-safe base64."""
        return base64.urlsafe_b64encode(self.close(text.encode(), purpose)).decode()

    def open_text(self, sealed: str, purpose: str) -> str:
        """Raises NotSealed."""
        try:
            return self.open(base64.urlsafe_b64decode(sealed.encode()), purpose).decode()
        except (binascii.Error, UnicodeError):
            raise NotSealed("not sealed with this key") from None

    def tag(self, text: str, purpose: str) -> str:
        """A keyed name of `text`: 128 bits in hex. It stays the same as long as the key."""
        return hmac.digest(self._of(purpose), text.encode(), hashlib.sha256).hex()[:32]

    def _box(self, purpose: str) -> AESGCM:
        return AESGCM(self._of(purpose))

    def _of(self, purpose: str) -> bytes:
        return hmac.digest(self._key, b"earlid vault\0" + purpose.encode(), hashlib.sha256)


def is_sealed(path: Path) -> bool:
    """Whether a file is a sealed vault. False when it is not there."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def write_sealed(path: Path, data: bytes, seal: Seal) -> None:
    """Replace `path` by sealed `data` in one step, mode 0600. A crash leaves the old file or the new one.

    Raises:
        BadFile: the folder cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".vault-")  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(MAGIC + seal.close(data, "identities"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be written'}") from None


def rewrite_plain(path: Path, data: bytes) -> None:
    """Replace a plain file by `data`, mode 0600, and overwrite the old content.

    Raises:
        BadFile: it cannot be written. The old file is unchanged.
    """
    try:
        with path.open("r+b") as old:
            size = os.fstat(old.fileno()).st_size
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".vault-")  # mode 0600
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
            old.write(bytes(size))
            old.flush()
            os.fsync(old.fileno())
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be written'}") from None


def read_sealed(path: Path, seal: Seal) -> bytes:
    """Raises BadFile: not there, not a sealed vault, or sealed with another key."""
    data = read_private(path)
    if not data.startswith(MAGIC):
        raise BadFile(f"{path}: not a sealed vault (`earlid seal` makes one)")
    try:
        return seal.open(data[len(MAGIC) :], "identities")
    except NotSealed:
        raise BadFile(f"{path}: sealed with another key, or damaged") from None
