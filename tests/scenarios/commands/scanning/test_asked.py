"""A wrong option is told before anything is searched, and no misspelling hides a finding."""

from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios.commands.scanning.asked import Asked, check_fields, check_places, is_asked_for, key_of
from tests.scenarios.world import finding

KNOWN = ("home.street", "members.name")


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (Asked(), True),
        (Asked(fields=("members.",)), True),
        (Asked(fields=("members",)), True),
        (Asked(fields=("member",)), False),
        (Asked(ignore=("members.name",)), False),
        (Asked(min_severity="critical"), False),
    ],
)
def test_a_finding_is_reported_by_field_and_severity(asked: Asked, wanted: bool) -> None:
    assert is_asked_for(finding(field="members.name", severity="high"), asked) is wanted


def test_a_misspelled_field_is_refused_with_the_nearest_one() -> None:
    check_fields(Asked(fields=("members.",), ignore=("./build/*",)), KNOWN)
    with pytest.raises(BadFile, match=r"members\.nmae: nothing of this field is looked for; .*members\.name"):
        check_fields(Asked(fields=("members.nmae",)), KNOWN)
    with pytest.raises(BadFile, match=r"did you mean home\.street"):
        check_fields(Asked(ignore=("home.stret",)), KNOWN)


def test_what_cannot_be_written_is_told_before_the_search(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="its folder is not there"):
        check_places(Asked(sarif_to=tmp_path / "no" / "out.sarif"), ["."])
    with pytest.raises(BadFile, match="an empty target"):
        check_places(Asked(), [""])
    with pytest.raises(BadFile, match="at least 10 characters"):
        check_places(Asked(write_baseline=tmp_path / "b.yaml", reason="so"), ["."])


def test_a_key_is_made_once_and_is_for_one_person(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert key_of(path) == key_of(path)
    path.chmod(0o644)
    with pytest.raises(BadFile, match="others may read it"):
        key_of(path)
    path.write_text("short")
    path.chmod(0o600)
    with pytest.raises(BadFile, match="64 hex digits"):
        key_of(path)
