"""The keepers' commands against a real vault process over a sealed file: forget, sweep, and a case of two people."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clip import RedactedClip
from gateway.contract.model import PRESETS
from gateway.storage.store import Annotation, Store
from gateway.vault.client import VaultClient
from tests.gateway.vaults import vault_in

TOKENS = {"gateway": "g" * 32, "review": "r" * 32}
OFFICERS = {"olga": "o" * 32, "otto": "t" * 32}
HOMES = {
    "schema": 1,
    "households": [
        {
            "household_id": name,
            "devices": [{"site_id": site}],
            "home": {"street": street, "city": "Ashland", "state": "Oregon"},
            "contacts": [{"name": "Laura Reed"}],
        }
        for name, site, street in (("H01", "kitchen", "12 Elm Street"), ("H02", "den", "9 Oak Avenue"))
    ],
}


def earlid(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", *map(str, args)], capture_output=True, text=True, timeout=60, check=False
    )


def private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    plain = private(tmp_path / "identities.json", json.dumps(HOMES))
    sealed = earlid("custody", "seal", plain, tmp_path / "vault.sealed", "--key-file", tmp_path / "vault.key")
    assert sealed.stdout == "sealed 2 households\n", sealed.stderr
    plain.unlink()
    private(tmp_path / "credentials.json", json.dumps(TOKENS | {"officers": OFFICERS}))
    for who, token in (TOKENS | OFFICERS).items():
        private(tmp_path / f"{who}.token", token)
    with vault_in(tmp_path):
        yield tmp_path


@pytest.mark.slow
def test_the_keepers_commands_do_what_they_say(folder: Path) -> None:
    url, socket = f"sqlite:///{folder}/clips.db", folder / "vault.sock"
    door, store = VaultClient(socket, TOKENS["gateway"]), Store(url)
    for site in ("kitchen", "den"):
        facts = door.site(site)
        assert facts is not None
        assert facts.homes_in_town == 2
        clip = RedactedClip(
            ref=f"of-{site}", recorded_on="2019-04-10", trigger="button", duration_ms=9, owner=facts.owner,
            kept_on="2019-04-10", device="f00dfeedf00dfeed",
        )  # fmt: skip
        store.put(clip, session_key=site)

    def case(who: str, *args: object) -> subprocess.CompletedProcess[str]:
        return earlid("custody", "case", *args, "--vault", socket, "--vault-token", folder / f"{who}.token")

    asked = case("olga", "ask", "of-kitchen", "--store", url, "--reason", "threat_to_life")
    assert asked.returncode == 0, asked.stderr
    name = asked.stdout.strip()
    assert re.fullmatch(r"[0-9a-f]{32}", name)
    assert case("olga", "approve", name).returncode == 2
    assert case("otto", "approve", name).returncode == 0
    shown = case("olga", "read", name)
    assert "12 Elm Street" in shown.stdout
    assert "9 Oak Avenue" not in shown.stdout
    assert case("otto", "read", name).returncode == 2

    rules = folder / "exporting.yaml"
    rules.write_text(
        (PRESETS / "strict.yaml").read_text().replace("retention_days:", "export: true\n  retention_days:")
    )
    for site in ("kitchen", "den"):
        store.annotate(f"of-{site}", Annotation(reviewer="ada", transcription="", intent="other", effective="yes"))
    exports = folder / "exports"
    written = earlid("custody", "export", exports, "--store", url, "--contract", rules)
    assert written.stdout == "2 clips exported\n", written.stderr
    assert earlid("custody", "export", folder / "no", "--store", url).returncode == 2

    gone = earlid("custody", "forget", "kitchen", "--store", url, "--vault", socket, "--exports", exports,
                  "--contract", rules, "--vault-token", folder / "gateway.token")  # fmt: skip
    assert gone.stdout == "1 clips deleted; the household was forgotten\n", gone.stderr
    assert store.refs() == ["of-den"]
    assert [path.name for path in exports.iterdir()] == ["of-den.json"]
    assert door.site("kitchen") is None
    swept = earlid("custody", "sweep", "--store", url, "--now", "2019-07-20")
    assert swept.stdout == "0 clips deleted, 1 unlinked\n", swept.stderr
    assert store.owner("of-den") is None
    store.close()
    at_rest = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    for value in (b"Elm Street", b"Oak Avenue", b"Laura", b"f00dfeedf00dfeed"):
        assert value not in at_rest
