"""Leaks that a client meets only while it reads: streams, chunks, events, bodies of redirects, answers
that break off. `--clean` serves the same without them. Says "ready on URL"."""

import argparse
import gzip
from pathlib import Path

from gateway.identities import Household, load_identities
from tests.broken.serving import Handler, serve


def serve_streams(home: Household, *, clean: bool) -> None:
    person = home.members[0]
    name = "somebody at all" if clean else str(person.name)
    email = "nobody" if clean else person.emails[0]
    phone = "none" if clean else person.phones[0]
    half = len(name) // 2

    class Streams(Handler):
        def get(self) -> None:
            getattr(self, f"_{self.path.strip('/').partition('?')[0]}", self._else)()

        def _else(self) -> None:
            self.answer(200, {}, b"nothing of anybody")

        def _chunks(self) -> None:
            self._chunked({}, [b"<p>" + name[:half].encode(), name[half:].encode() + b"</p>"])

        def _gzipped(self) -> None:
            packed = gzip.compress(b"<p>" + email.encode() + b"</p>" * 500)
            self._chunked({"Content-Encoding": "gzip"}, [packed[:20], packed[20:]])

        def _events(self) -> None:
            told = [f'data: {{"at": {at}}}\n\n'.encode() for at in range(5)]
            self._chunked({"Content-Type": "text/event-stream"}, [*told, f"data: {phone}\n\n".encode()])

        def _ranged(self) -> None:
            """The bytes that are asked for, and no others."""
            whole = b"." * 4_000 + f"<p>{name}</p>".encode() + b"." * 4_000
            first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
            part = whole[int(first) : int(last) + 1]
            self.answer(206, {"Content-Range": f"bytes {first}-{last}/{len(whole)}"}, part)

        def _moved(self) -> None:
            self.answer(302, {"Location": "/"}, f"moved, {email}".encode())

        def _lost(self) -> None:
            self.answer(302, {"Location": "http://127.0.0.1:9/"}, f"moved, {phone}".encode())

        def _half(self) -> None:
            self.begin(200, {"Content-Length": "5000"})
            self.wfile.write(f"<p>{name}</p>".encode())
            self.close_connection = True

        def _undecodable(self) -> None:
            self.answer(200, {"Content-Encoding": "gzip"}, b"no gzip at all")

        def _chunked(self, headers: dict[str, str], pieces: list[bytes]) -> None:
            self.begin(200, {**headers, "Transfer-Encoding": "chunked"})
            for piece in (*pieces, b""):
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    serve(Streams)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("identities", type=Path)
    parser.add_argument("--clean", action="store_true")
    given = parser.parse_args()
    serve_streams(load_identities(given.identities).households[0], clean=given.clean)
