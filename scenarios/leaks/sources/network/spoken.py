"""Splits one side of a connection into its messages. HTTP bodies are opened; WebSocket and MQTT messages come one by
one.
"""

import re
import zlib
from collections.abc import Callable, Iterator

import brotli

from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Found, Piece, Reader, Unread, begins

_MOST = 512 * 1024 * 1024
_START = re.compile(rb"(?:HTTP/1\.[01] \d{3}|(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+ HTTP/1\.[01])[^\n]*\r?\n")
_OPENED = 64 * 1024 * 1024


def _is_http(content: Content) -> bool:
    return _START.match(content.head) is not None


def _http(content: Content) -> Found:
    """Gives each message: its head, and its body without chunks and compression."""
    data, at = content.whole(_MOST), 0
    while at < len(data):
        head_end = re.compile(rb"\r?\n\r?\n").search(data, at)
        if not _START.match(data, at) or head_end is None:
            yield Piece(data=data[at:], final=True)
            return
        head = data[at : head_end.end()]
        yield Piece(data=head, label="head", kind="response_header", final=True)
        headers = {key.lower(): value.strip() for key, value in re.findall(rb"(?m)^([\w-]+):([^\r\n]*)", head)}
        if head.startswith(b"HTTP/1.1 101") or b"websocket" in headers.get(b"upgrade", b"").lower():
            yield from _frames(data[head_end.end() :], b"permessage-deflate" in head)
            return
        body, at = _body(data, head_end.end(), headers, response=head.startswith(b"HTTP"))
        for name in reversed(headers.get(b"content-encoding", b"").lower().replace(b" ", b"").split(b",")):
            body = _CODINGS.get(name, bytes)(body)
        yield Piece(data=body, label="body", kind="response_body")


def _body(data: bytes, at: int, headers: dict[bytes, bytes], *, response: bool) -> tuple[bytes, int]:
    if b"chunked" in headers.get(b"transfer-encoding", b"").lower():
        return _chunks(data, at)
    length = headers.get(b"content-length", b"")
    if length.isdigit():
        return data[at : at + int(length)], at + int(length)
    if not response:
        return b"", at
    following = _START.search(data, at)
    end = following.start() if following else len(data)
    return data[at:end], end


def _chunks(data: bytes, at: int) -> tuple[bytes, int]:
    out = bytearray()
    while at < len(data):
        end = data.find(b"\n", at)
        try:
            size = int(data[at:end].split(b";")[0], 16)
        except ValueError:
            return bytes(out), len(data)
        out += data[end + 1 : end + 1 + size]
        at = end + 1 + size + 2
        if size == 0:
            return bytes(out), at
    return bytes(out), at


def _inflated(window: int) -> Callable[[bytes], bytes]:
    def opened(data: bytes) -> bytes:
        try:
            return zlib.decompressobj(window).decompress(data, _OPENED)
        except zlib.error:
            return data

    return opened


def _unbrotli(data: bytes) -> bytes:
    try:
        return bytes(brotli.Decompressor().process(data, output_buffer_limit=_OPENED))
    except brotli.error:
        return data


def _unzstd(data: bytes) -> bytes:
    try:
        import cramjam

        return bytes(cramjam.zstd.decompress(data))
    except Exception:  # damaged, or the extra is missing: it is opened, and noted, as a file of its own
        return data


# gzip and zstd have a mark, and would be opened as files of their own; the others are known by the header alone.
_CODINGS: dict[bytes, Callable[[bytes], bytes]] = {
    b"deflate": lambda data: _inflated(zlib.MAX_WBITS if data[:1] == b"\x78" else -zlib.MAX_WBITS)(data),
    b"br": _unbrotli,
    b"zstd": _unzstd,
}


def _frames(data: bytes, packed: bool) -> Iterator[Piece]:
    """Reads WebSocket frames (RFC 6455, 5.2). Compressed messages share one context for each side (RFC 7692)."""
    at, message, compressed = 0, bytearray(), False
    context = zlib.decompressobj(-zlib.MAX_WBITS)
    while at + 2 <= len(data):
        first, second = data[at], data[at + 1]
        size, at = second & 127, at + 2
        if size > 125:
            wide = 2 if size == 126 else 8
            size, at = int.from_bytes(data[at : at + wide], "big"), at + wide
        mask = data[at : at + 4] if second & 128 else b""
        at += len(mask)
        payload = data[at : at + size]
        at += size
        if mask:
            times = len(payload) // 4 + 1
            plain = int.from_bytes(payload, "big") ^ int.from_bytes((mask * times)[: len(payload)], "big")
            payload = plain.to_bytes(len(payload), "big")
        if first & 15 in (1, 2):
            compressed = packed and bool(first & 64)
        if first & 8:
            continue  # a control frame, perhaps between two of a message
        message += payload
        if first & 128:
            out = context.decompress(bytes(message) + b"\x00\x00\xff\xff", _OPENED) if compressed else bytes(message)
            yield Piece(data=out, label="message", kind="websocket")
            message = bytearray()


def _is_mqtt(content: Content) -> bool:
    """Whether it is MQTT. A client begins with CONNECT, a broker with CONNACK."""
    head = content.head
    return (head[:1] == b"\x10" and (b"\x00\x04MQTT" in head[:12] or b"\x00\x06MQIsdp" in head[:14])) or (
        head[:3] in (b"\x20\x02\x00", b"\x20\x02\x01") and len(head) > 4
    )


def _mqtt(content: Content) -> Found:
    """Topics and payloads of published messages, and the contents of other packets."""
    data, at, fifth = content.whole(_MOST), 0, False
    while at < len(data):
        first, start = data[at], at + 1
        size = shift = 0
        while start < len(data):
            byte = data[start]
            start += 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        packet, at = data[start : start + size], start + size
        if first >> 4 == 1:
            fifth = packet[6:7] == b"\x05"
        if first >> 4 != 3:
            yield Piece(data=packet, label="packet", final=True)
            continue
        topic_end = 2 + int.from_bytes(packet[:2], "big")
        yield Piece(data=packet[2:topic_end], label="topic", kind="topic", final=True)
        body = packet[topic_end + (2 if first & 6 else 0) :]
        if fifth and body:
            body = body[1 + body[0] :]
        yield Piece(data=body, label="message", kind="message")


def _tls(_: Content) -> Found:
    yield Unread(kind="tls", name="", why="encrypted")


def _http2(_: Content) -> Found:
    yield Unread(
        kind="http/2", name="", why="unknown container", detail="its headers are packed; searched as raw bytes"
    )


HTTP = Reader(kind="http", knows=_is_http, read=_http, raw=False)
MQTT = Reader(kind="mqtt", knows=_is_mqtt, read=_mqtt)
TLS = Reader(kind="tls", knows=lambda content: content.head[:2] == b"\x16\x03" and content.head[2:3] <= b"\x04",
             read=_tls, raw=False)  # fmt: skip
HTTP2 = Reader(kind="http/2", knows=begins(b"PRI * HTTP/2.0\r\n"), read=_http2)
