"""What rooms of the harness's tests share: a server that answers as S3 does."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def s3_server() -> Iterator[str]:
    """The URL of an empty S3 server: moto's, whose state is the process's and therefore reset."""
    server_module = pytest.importorskip("moto.server")
    backends = pytest.importorskip("moto.moto_api._internal.models").moto_api_backend
    backends.reset()
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    backends.reset()
