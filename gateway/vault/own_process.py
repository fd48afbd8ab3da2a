"""The vault that a gateway starts itself. It ends with its gateway, also when that is killed, and leaves no file."""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.files import BadFile, write_private
from gateway.vault.client import VaultClient

_STDIN = 0


@contextmanager
def own_vault(identities: Path, contract: str, audit: Path, key_file: Path | None) -> Iterator[VaultClient]:
    """A vault process on a socket in a private folder; its audit log stays.

    Its key lies beside the gateway's. With the key, a later vault can still open the owners of stored clips.

    Raises:
        BadFile: it did not start.
    """
    with tempfile.TemporaryDirectory(prefix="earlid-vault-") as folder:
        socket, credentials = Path(folder, "vault.sock"), Path(folder, "credentials.json")
        tokens = {role: secrets.token_urlsafe(32) for role in ("gateway", "review")}
        write_private(credentials, json.dumps(tokens).encode())
        options = ["--identities", str(identities), "--socket", str(socket), "--credentials", str(credentials)]
        options += ["--key-file", f"{key_file}.vault"] if key_file else []
        options += ["--contract", contract, "--audit", str(audit), "--owned"]
        command = [sys.executable, "-P", "-m", "gateway", "vault", *options]
        # Nothing is ever written to its standard input: the kernel closes that with us, and the vault sees its end.
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            try:
                if process.stdout is None or not process.stdout.readline().startswith(b"vault ready"):
                    raise BadFile("the vault did not start")
                yield VaultClient(socket, tokens["gateway"])
            finally:
                process.terminate()
                process.wait(timeout=10)


@contextmanager
def owned(socket: Path, credentials: Path) -> Iterator[None]:
    """The vault's side: stop at the end of standard input, and remove the files of the private folder."""
    try:
        threading.Thread(target=_end_with_stdin, name="owner", daemon=True).start()  # it may say so at once
        yield
    finally:
        credentials.unlink(missing_ok=True)
        with suppress(OSError):  # something else is in it: not ours to remove
            socket.parent.rmdir()


def _end_with_stdin() -> None:
    while os.read(_STDIN, 4_096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
