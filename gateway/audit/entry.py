"""One line of the audit log, its permitted content, and the signed head that covers all earlier lines."""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Action = Literal[
    "login",
    "logout",
    "denied",
    "throttled",
    "queue_seen",
    "clip_claimed",
    "clip_released",
    "clip_opened",
    "audio_served",
    "clip_annotated",
    "clip_withdrawn",
    "withdrawal_undone",
    "customer_looked_up",
    "site_asked",
    "customer_asked",
    "contact_checked",
    "case_asked",
    "case_seen",
    "case_approved",
    "case_denied",
    "case_closed",
    "case_read",
    "owners_asked",
    "household_forgotten",
    "account_changed",
    "log_read",
    "clip_settled",
    "agreement_seen",
    "gold_added",
]
Result = Literal["ok", "refused", "unknown", "unavailable", "limited"]

START = "0" * 64
_ACTOR = re.compile(r"^(-|[a-z0-9][a-z0-9._-]{0,63})$")
_DETAIL = re.compile(r"^[a-z_]{1,32}$")
_REF = re.compile(r"^[A-Za-z0-9_-]{1,32}$")
_SOURCE = re.compile(r"^[0-9a-f.:]{2,45}$")
_HEAD = re.compile(r"^earlid-head-1,([0-9]{1,15}),([0-9T:+-]{0,40}),([0-9a-f]{64}),([A-Za-z0-9_-]{86}==)$")


class AuditBroken(ValueError):
    """The chain does not hold. The text names the line, never its content."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `digest` is a keyed hash (HMAC-SHA-256) of the same line with an empty digest, `previous` included.

    `actor` is an account or a process, or `-` if nobody is known. `clip` is an opaque ref. `detail` is a code. `source`
    is the network address of an attempt to sign in. `memory` is the number of records in the vault's memory; it reveals
    an older copy of that memory.
    """

    number: int
    at: str
    actor: str
    action: Action
    result: Result
    clip: str | None = None
    detail: str | None = None
    source: str | None = None
    memory: int | None = None
    previous: str
    digest: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A line before it has its place in the chain. Raises ValueError if `detail` is not a code."""

    actor: str
    action: Action
    result: Result
    clip: str | None = None
    detail: str | None = None
    source: str | None = None
    memory: int | None = None

    def __post_init__(self) -> None:
        if not _ACTOR.match(self.actor) or (self.clip is not None and not _REF.match(self.clip)):
            raise ValueError("audit: an actor is an account name, a clip an opaque ref")
        if self.detail is not None and not _DETAIL.match(self.detail):
            raise ValueError("audit: a detail is a code")
        if self.source is not None and not _SOURCE.match(self.source):
            raise ValueError("audit: a source is a network address")


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The newest line, signed. A copy that is kept elsewhere proves what the log held at that time."""

    entries: int
    digest: str
    at: str = ""


class AuditKey:
    """Chains lines and signs heads. `key` has at least 16 bytes."""

    def __init__(self, key: bytes) -> None:
        self._chain = hmac.digest(key, b"earlid audit chain", hashlib.sha256)
        self._signer = Ed25519PrivateKey.from_private_bytes(hmac.digest(key, b"earlid audit head", hashlib.sha256))

    def next(self, head: Head, at: datetime, said: Said) -> Entry:
        """The line after `head`. It is never dated before the line above it, also if the clock was set back."""
        written = max(head.at, at.isoformat(timespec="seconds"))
        entry = Entry(number=head.entries + 1, at=written, previous=head.digest, **msgspec.structs.asdict(said))
        return msgspec.structs.replace(entry, digest=self.digest(entry))

    def digest(self, entry: Entry) -> str:
        return hmac.digest(
            self._chain, msgspec.json.encode(msgspec.structs.replace(entry, digest="")), hashlib.sha256
        ).hex()

    def signed(self, head: Head) -> str:
        """One word that a person can print or mail."""
        said = f"earlid-head-1,{head.entries},{head.at},{head.digest}"
        return f"{said},{base64.urlsafe_b64encode(self._signer.sign(said.encode())).decode()}"

    def head(self, text: str) -> Head:
        """Raises AuditBroken: not a head, or not signed with this log's key."""
        found = _HEAD.match(text.strip())
        if found is None:
            raise AuditBroken("the head: not a head of an audit log")
        try:
            said = text.strip().rpartition(",")[0]
            self._signer.public_key().verify(base64.urlsafe_b64decode(found[4]), said.encode())
        except (InvalidSignature, binascii.Error):
            raise AuditBroken("the head: not signed with this log's key") from None
        return Head(entries=int(found[1]), at=found[2], digest=found[3])


def head_of(entry: Entry) -> Head:
    return Head(entries=entry.number, digest=entry.digest, at=entry.at)


def parse_entry(line: bytes, number: int) -> Entry:
    """Raises AuditBroken."""
    try:
        entry = msgspec.json.decode(line, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise AuditBroken(f"line {number}: not an audit entry") from None
    if msgspec.json.encode(entry) != line:
        raise AuditBroken(f"line {number}: not as it was written")
    return entry
