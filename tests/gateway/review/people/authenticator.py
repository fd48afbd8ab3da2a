"""A software authenticator: what a browser and a security key do together, and each way in which they could lie."""

import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One passkey. `origin` and `rp_id` are where the browser says it is; `count` is the counter of signatures.

    A passkey that is synchronised between devices does not count: `step` is 0.
    """

    def __init__(self, origin: str, rp_id: str) -> None:
        self.origin, self.rp_id, self.count, self.step = origin, rp_id, 0, 1
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)

    def create(self, options: str) -> str:
        """The browser's JSON for creation options."""
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        data = (
            self._data(PRESENT | VERIFIED | ATTESTED) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        )
        client = self._client("webauthn.create", options)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": client, "attestationObject": attestation})

    def get(self, options: str, *, flags: int = PRESENT) -> str:
        """The browser's JSON for request options."""
        self.count += self.step
        data, client = self._data(flags), self._client("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, options: str) -> bytes:
        challenge = bytes_to_base64url(base64url_to_bytes(json.loads(options)["challenge"]))
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        texts = {name: bytes_to_base64url(value) for name, value in response.items()}
        mine = bytes_to_base64url(self.id)
        return json.dumps({"id": mine, "rawId": mine, "type": "public-key", "response": texts})
