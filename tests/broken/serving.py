"""What the broken servers share: answers with a length, one packet each, on a free port that they tell."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet per answer

    def do_GET(self) -> None:
        self.get()

    def get(self) -> None:
        """Answer the request for `self.path`."""
        raise NotImplementedError

    def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.begin(status, {**headers, "Content-Length": str(len(body))})
        self.wfile.write(body)

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that leave in the middle are part of the tests."""


def serve(handler: type[Handler]) -> None:
    """Serve for ever; says "ready on URL" on stdout."""
    server = Server(("127.0.0.1", 0), handler)
    print(f"ready on http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201
    server.serve_forever()
