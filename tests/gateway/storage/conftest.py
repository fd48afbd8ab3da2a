"""A database of each kind: SQLite in a folder, and a private PostgreSQL server where there is one."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa


def find(name: str) -> str | None:
    """A PostgreSQL program; Debian keeps them off the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(debian[-1]) if debian else shutil.which(name)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[tuple[str, Path]]:
    """A private server on a loopback port: its URL, and the folder that holds every byte of it."""
    initdb, server = find("initdb"), find("postgres")
    if initdb is None or server is None:
        if os.environ.get("EARLID_REQUIRE") == "all":
            pytest.fail("no postgresql, and EARLID_REQUIRE=all")
        pytest.skip("no postgresql")
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()  # it refuses to run as root
    drop: dict[str, Any] = {"user": user} if os.geteuid() == 0 else {}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="earlid-pg-", ignore_cleanup_errors=True) as folder:
        shutil.chown(folder, user)
        data = f"{folder}/data"
        made = subprocess.run([initdb, "-D", data, "-A", "trust", "-U", "earlid"], capture_output=True, cwd="/", **drop)
        assert made.returncode == 0, made.stderr.decode()
        options = ["-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"]
        process = subprocess.Popen([server, *options], stderr=subprocess.DEVNULL, cwd="/", **drop)
        try:
            yield wait_for(f"postgresql+psycopg://earlid@127.0.0.1:{port}/postgres"), Path(data)
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(url: str) -> str:
    engine, deadline = sa.create_engine(url), time.monotonic() + 20
    while True:
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            engine.dispose()
            return url


@pytest.fixture(params=["sqlite", "postgresql"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, tuple[Path, ...]]:
    """An empty database: its URL, and the folders where it and its clips' keys lie."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'clips.db'}", (tmp_path,)
    server, data = request.getfixturevalue("postgresql")
    engine = sa.create_engine(server)
    with engine.begin() as db:
        db.execute(sa.text("DROP SCHEMA public CASCADE"))
        db.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    return f"{server}?clip_keys={tmp_path / 'keys'}", (data, tmp_path)


@pytest.fixture
def url(disk: tuple[str, tuple[Path, ...]]) -> str:
    return disk[0]
