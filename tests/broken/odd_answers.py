"""Answers as servers at the edges of HTTP send them, one at each path, byte for byte; each names a person.

`--clean` names nobody. Says "ready on URL". `SOUND` come whole, in encodings that can be read. `UNSOUND` break off, or
are not what they say.
"""

import argparse
import gzip
import socket
import socketserver
import struct
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import zstandard

from gateway.identities import load_identities

_RESET = struct.pack("ii", 1, 0)  # close by RST
_CHUNKED = "Transfer-Encoding: chunked"


def _head(*lines: str, status: str = "200 OK", version: str = "1.1") -> bytes:
    return "".join(f"{line}\r\n" for line in (f"HTTP/{version} {status}", *lines, "")).encode()


def _whole(body: bytes, *lines: str, status: str = "200 OK", version: str = "1.1") -> bytes:
    return _head(*lines, f"Content-Length: {len(body)}", status=status, version=version) + body


def _packed(body: bytes, encoding: str) -> bytes:
    return _whole(body, f"Content-Encoding: {encoding}")


def _chunks(body: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(body[at : at + 9]), body[at : at + 9]) for at in range(0, len(body), 9))


def _bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def _ranges(body: bytes) -> bytes:
    one, other = (
        b"--x\r\nContent-Range: bytes %d-%d/900\r\n\r\n%s\r\n" % (at, at + len(part), part)
        for at, part in ((0, body), (500, b"x"))
    )
    return _whole(one + other + b"--x--\r\n", "Content-Type: multipart/byteranges; boundary=x", status="206 Partial")


# Path -> the answer, made of a page that names somebody and of the name alone. The connection stays open.
SOUND: dict[str, Callable[[bytes, str], bytes]] = {
    "plain": lambda page, _who: _whole(page),
    "http-one-oh": lambda page, _who: _whole(page, "Connection: keep-alive", version="1.0"),
    "chunked": lambda page, _who: _head(_CHUNKED) + _chunks(page) + b"0\r\n\r\n",
    "after-continue": lambda page, _who: b"HTTP/1.1 100 Continue\r\n\r\n" + _whole(page),
    "head-packed": lambda _page, who: _head(f"X-Who: {who}", "Content-Encoding: gzip", "Content-Length: 500"),
    "no-content-packed": lambda _page, who: _head(f"X-Who: {who}", "Content-Encoding: gzip", status="204 Nothing"),
    "unchanged-packed": lambda _page, who: _head(f'ETag: "{who}"', "Content-Encoding: gzip", status="304 Same"),
    "empty-packed": lambda _page, who: _whole(b"", f"X-Who: {who}", "Content-Encoding: gzip"),
    "ranges": lambda page, _who: _ranges(page),
    "gzip": lambda page, _who: _packed(gzip.compress(page), "GZIP"),
    "gzip-twice": lambda page, _who: _packed(gzip.compress(gzip.compress(page)), "gzip, gzip"),
    "gzip-members": lambda page, _who: _packed(gzip.compress(b"hello") + gzip.compress(page), "gzip"),
    "deflate": lambda page, _who: _packed(zlib.compress(page), "deflate"),
    "deflate-bare": lambda page, _who: _packed(_bare_deflate(page), "deflate"),
    "br": lambda page, _who: _packed(brotli.compress(page), "br"),
    "zstd": lambda page, _who: _packed(zstandard.compress(page), "zstd"),
    "not-packed": lambda page, _who: _packed(page, "utf-8"),
    "reason": lambda _page, who: _whole(b"hello", status=f"200 {who}"),
    "cookies": lambda _page, who: _whole(b"hello", "Set-Cookie: a=1", f"Set-Cookie: b={who}"),
    "error": lambda page, _who: _whole(page, status="500 Oh"),
}

# The connection is closed behind each.
UNSOUND: dict[str, Callable[[bytes, str], bytes]] = {
    "short": lambda page, _who: _head("Content-Length: 5000") + page,
    "chunks-cut": lambda page, _who: _head(_CHUNKED) + _chunks(page),
    "chunks-wrong": lambda page, _who: _head(_CHUNKED) + _chunks(page) + b"zz\r\n",
    "reset": lambda page, _who: _head("Content-Length: 5000") + page,
    "gzip-false": lambda page, _who: _packed(page, "gzip"),
    "br-false": lambda page, _who: _packed(page, "br"),
    "foreign": lambda page, _who: _packed(gzip.compress(page)[2:], "x-foreign"),
    "no-http": lambda page, _who: b"\x16\x03\x01" + page,
}


class Odd(socketserver.StreamRequestHandler):
    """Answers by path alone."""

    who = "nobody at all"

    def handle(self) -> None:
        while line := self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            path = line.split()[1].decode().strip("/")
            make = SOUND.get(path) or UNSOUND.get(path)
            page = f"<p>contact {self.who}</p>".encode()
            self.wfile.write(make(page, self.who) if make else _whole(b"nothing of anybody"))
            if path == "reset":
                time.sleep(0.05)  # else it overtakes what was sent
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            if path in UNSOUND:
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        request.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("identities", type=Path)
    parser.add_argument("--clean", action="store_true")
    given = parser.parse_args()
    if not given.clean:
        Odd.who = load_identities(given.identities).households[0].members[0].emails[0]
    with Server(("127.0.0.1", 0), Odd) as server:
        sys.stdout.write(f"ready on http://127.0.0.1:{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()
