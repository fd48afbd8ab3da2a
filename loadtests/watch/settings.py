"""Settings of a load test: one JSON file, named by the environment variable EARLID_LEAKWATCH."""

import os
from collections.abc import Mapping
from pathlib import Path

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe

VARIABLE = "EARLID_LEAKWATCH"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Account(_Model):
    """A reviewer's account. `totp_secret` is base32; None if no second factor is required."""

    username: str
    password: str
    totp_secret: str | None = None
    role: str = "reviewer"


class Reviewing(_Model):
    """How the users of `reviewers/locustfile.py` work. Shares are fractions of the visited clips (0 to 1).

    `wait_s` is the pause between tasks in seconds. `stop_when_covered` ends the run once every clip was seen in every
    view.
    """

    accounts: tuple[Account, ...] = Field(min_length=1)
    annotate_share: float = Field(default=0.5, ge=0, le=1)
    critical_share: float = Field(default=0.0, ge=0, le=1)
    wait_s: float = Field(default=0.0, ge=0)
    stop_when_covered: bool = True
    seed: int = 0


class Address(_Model):
    """One address that visitors ask for. `name` is its route. `clip` is the label of the clip whose page it is."""

    path: str
    name: str
    clip: str | None = None


class Visiting(_Model):
    """How the users of `visitors/locustfile.py` work: all under one account, which `headers` and `cookies` let in."""

    addresses: tuple[Address, ...] = Field(min_length=1)
    headers: Mapping[str, str] = {}
    cookies: Mapping[str, str] = {}
    role: str = "reviewer"
    wait_s: float = Field(default=0.0, ge=0)


class Settings(_Model):
    """Settings of the leak watch.

    `identities` is the file of households to search for. Lines are appended to `spool`. Without `controls_url` the
    search process serves the planted leaks itself. `search` is the address of a running search process
    (`earlid leaks serve`); without it one is started. `record` is where load.json goes. `role` is the role of a request
    whose context names none.
    """

    identities: Path
    spool: Path
    controls_url: str | None = None
    role: str = "reviewer"
    join_tags: tuple[str, ...] = ()
    search: str | None = None
    record: Path | None = None
    reviewing: Reviewing | None = None
    visiting: Visiting | None = None


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises BadFile: the variable is not set, or its file is missing or wrong."""
    name = environ.get(VARIABLE)
    if not name:
        raise BadFile(f"{VARIABLE}: not set; it names the leak watch's settings file (loadtests/docs/watch.md)")
    try:
        return Settings.model_validate_json(Path(name).read_bytes())
    except OSError as error:
        raise BadFile(f"{name}: {error.strerror or 'cannot be read'}") from None
    except pydantic.ValidationError as error:
        raise BadFile(describe(name, error, Settings)) from None
