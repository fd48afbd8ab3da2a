import socket
import threading
from pathlib import Path

import pytest

from gateway.vault.client import VaultClient
from gateway.vault.in_memory import InMemoryVault
from gateway.vault.messages import CustomerFacts, SiteFacts, Standing, VaultUnavailable


def answer_once(listener: socket.socket, reply: bytes) -> None:
    with listener.accept()[0] as caller:
        caller.recv(65536)
        caller.sendall(reply)


def http(status: str, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"not http at all\r\n\r\n",
        http("200 OK", b"not json"),
        http("200 OK", b'{"household_key": 7, "consent": true}'),
        http("200 OK", b"\xff"),
        http("404 Not Found", b"<html>"),
        http("404 Not Found", b'{"error": "refused"}'),
        http("500 Oops", b'{"error": "failed"}'),
        http("401 No", b'{"error": "refused"}'),
    ],
)
def test_anything_but_the_published_shape_is_unavailable(tmp_path: Path, reply: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "vault.sock"))
        listener.listen()
        thread = threading.Thread(target=answer_once, args=(listener, reply))
        thread.start()
        door = VaultClient(tmp_path / "vault.sock", "t" * 32)
        with pytest.raises(VaultUnavailable) as error:
            door.site("secret-kitchen")
        door.close()
        thread.join()
    assert "secret-kitchen" not in str(error.value)


def test_nobody_there_is_unavailable(tmp_path: Path) -> None:
    door = VaultClient(tmp_path / "vault.sock", "t" * 32)
    with pytest.raises(VaultUnavailable):
        door.customer("A1")
    door.close()


def test_the_memory_variant_answers_the_same_questions() -> None:
    site, customer = SiteFacts(household_key="k", consent=True), CustomerFacts(customer_id="A1")
    vault = InMemoryVault(sites={"kitchen": site}, customers={"A1": customer})
    assert (vault.site("kitchen"), vault.site("den")) == (site, None)
    assert vault.standing("kitchen") == Standing(household_key="k", consent=True)
    assert vault.standing("den") is None
    assert (vault.customer("A1"), vault.customer("A2")) == (customer, None)
    vault.close()
