"""A spool on a full disk ends no search: the findings stay, and the run is unknown, with the reason."""

import os
from pathlib import Path

import pytest
from earlid import Exchange, SearchClient, start_search

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.service.spool import Spool

FULL = Path("/dev/full")


def test_lines_stand_whole_one_behind_the_other(tmp_path: Path) -> None:
    one, other = Spool(tmp_path / "spool"), Spool(tmp_path / "spool")
    assert [one.write(b"1\n"), other.write(b"2\n"), one.write(b"3\n")] == [True] * 3
    assert (tmp_path / "spool").read_bytes() == b"1\n2\n3\n"
    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told_once() -> None:
    spool = Spool(FULL)
    assert [spool.write(b"1\n"), spool.write(b"2\n")] == [False, True]
    assert spool.broken == "spool: not written (No space left on device)"


def test_behind_half_a_line_nothing_more_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda to, data: write(to, data[:2]))
    spool = Spool(tmp_path / "spool")
    assert [spool.write(b"123\n"), spool.write(b"456\n")] == [False, True]
    assert (tmp_path / "spool").read_bytes() == b"12"


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("leaks", [True, False])
def test_the_search_goes_on_and_says_it(tmp_path: Path, leaks: bool) -> None:
    home = control_household(41).model_copy(update={"household_id": "H0"})
    identities = tmp_path / "identities.json"
    identities.write_bytes(Identities(schema=1, households=(home,)).to_json())
    with start_search(identities, ["--jobs", "2", "--spool", str(FULL)]) as search:
        client = SearchClient(search.address)
        body = home.members[0].emails[0].encode() if leaks else b"nobody"
        for at in range(20):
            client.send(Exchange(name="/a", status=200, bodies=(("response_body", body + b" %d" % at),)))
        counts = client.end()
    assert (counts["received"], counts["searched"], counts["gone"]) == (20, 20, 0)
    assert counts["exit_code"] == (1 if leaks else 3)
    assert "not searched: spool: not written (No space left on device)" in counts["summary"]
