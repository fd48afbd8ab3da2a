"""A real vault process over the sealed file and the credentials in a folder."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def vault_in(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`vault.sealed`, `vault.key` and `credentials.json` of `folder` behind its `vault.sock`; killed at the end."""
    options = ["--identities", "vault.sealed", "--key-file", "vault.key", "--socket", "vault.sock"]
    command = [sys.executable, "-m", "gateway", "vault", *options, "--credentials", "credentials.json"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "vault ready\n"
            yield process
        finally:
            process.kill()
