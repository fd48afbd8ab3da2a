"""`earlid run --reuse` runs nothing, so an option that only a run can follow is refused, never ignored."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.files import BadFile
from scenarios.cli import app


@pytest.mark.parametrize(
    "option",
    [
        ["--seed", "0"],
        ["--broker", "amqtt"],
        ["--tls"],
        ["--ca", "x.crt"],
        ["--port", "8080"],
        ["--keep-truth", "x"],
        ["--var", "a=b"],
        ["--only", "x"],
        ["--jobs", "2"],
    ],
)
def test_what_only_a_run_can_follow_is_refused(option: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["run", "--reuse", str(tmp_path), *option])
    assert isinstance(done.exception, BadFile)
    assert str(done.exception) == f"{option[0]}: not with --reuse, which runs nothing"
