"""Mails and mailboxes -> headers as people read them, bodies, attachments."""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import Message

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread

_HEADER = re.compile(
    rb"(?:From|To|Received|Return-Path|MIME-Version|Date|Subject|Message-ID|Delivered-To|Reply-To|DKIM-Signature"
    rb"|Content-Type|X-[A-Za-z-]+): ?[^\n]*\n",
    re.IGNORECASE,
)
_SURE = re.compile(
    rb"^(?:Subject|Message-ID|MIME-Version|From|Content-Transfer-Encoding):", re.IGNORECASE | re.MULTILINE
)
_CMS = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_MOST = 256 * 1024 * 1024  # of one mail


def _is_mail(content: Content) -> bool:
    head = content.head
    beginning = head.partition(b"\n\n")[0] if b"\n\n" in head else head.partition(b"\r\n\r\n")[0]
    return _HEADER.match(head) is not None and len(_SURE.findall(beginning)) >= 2


def _is_mailbox(content: Content) -> bool:
    first, _, rest = content.head.partition(b"\n")
    return first.startswith(b"From ") and _HEADER.match(rest) is not None


def _read(content: Content) -> Found:
    yield from _mail(content.whole(_MOST))


def _read_mailbox(content: Content) -> Found:
    for data in _mails(content):
        yield from _mail(data)


def _mails(content: Content) -> Iterator[bytes]:
    lines: list[bytes] = []
    with content.open() as file:
        for line in file:
            if line.startswith(b"From ") and lines:
                yield b"".join(lines)
                lines = []
            elif line.startswith(b"From "):
                continue
            else:
                lines.append(line)
    yield b"".join(lines)


def _mail(data: bytes) -> Found:
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        headers = "\n".join(f"{key}: {_header(part, key)}" for key in part)
        yield Piece(data=headers.encode("utf-8", "replace"), label="headers", final=True)
        if part.is_multipart():
            continue
        if _is_encrypted(part):
            yield Unread(kind="mail", name="", why="encrypted")
        payload = part.get_payload(decode=True)
        body = payload if isinstance(payload, bytes) else b""
        charset = part.get_content_charset()
        if part.get_content_maintype() == "text" and charset and charset != "utf-8":
            yield Piece(data=_recoded(body, charset), label="body", final=True)
        else:
            yield Piece(data=body, name=part.get_filename() or "", label="" if part.get_filename() else "body")


def _is_encrypted(part: Message) -> bool:
    """Whether nobody without a key reads the part. What is only signed stands there as it is (RFC 8551, 3.2)."""
    if part.get_content_type() == "application/pgp-encrypted":
        return True
    kind = str(part.get_param("smime-type") or "").lower()
    return part.get_content_type() in _CMS and kind not in ("signed-data", "certs-only", "compressed-data")


def _header(part: Message, key: str) -> str:
    try:
        return str(part[key])
    except Exception:  # a header made wrong is read as part of the raw mail
        return ""


def _recoded(body: bytes, charset: str) -> bytes:
    try:
        return body.decode(charset, "replace").encode("utf-8", "replace")
    except LookupError:
        return body


MAIL = Reader(kind="mail", knows=_is_mail, read=_read)
MAILBOX = Reader(kind="mailbox", knows=_is_mailbox, read=_read_mailbox)
