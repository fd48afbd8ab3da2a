"""Settings of devices in a load test: one JSON file, named by the environment variable EARLID_DEVICES."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe

VARIABLE = "EARLID_DEVICES"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class BrokerAccount(_Model):
    username: str
    password: str


class Speaking(_Model):
    """How devices of a load test speak.

    `identities` is the file of households; each of its devices is one Locust user. `broker` is mqtt://host:port or
    mqtts://host:port, `ca` the certificate to trust. `accounts` are passwords by site id; a device that is not in it
    uses `everybody`, or connects without an account. With `assistant` a transcript is published for each utterance.

    A device speaks about every `gap_s` seconds, at the moments of the plan of `seed`, and streams `factor` times as
    fast as people speak. `sounds` utterances are rendered before the load begins; all others reuse them. Without
    `receipts` nothing is waited for; else a receipt that takes longer than `deadline_s` seconds is a failure.
    `workers` is how many Locust workers share the devices; `--processes` needs no word.
    """

    broker: str
    identities: Path
    ca: Path | None = None
    topic_root: str = ""
    accounts: Mapping[str, str] = {}
    everybody: BrokerAccount | None = None
    assistant: BrokerAccount | None = None
    seed: int = 7
    gap_s: float = Field(default=20.0, gt=0)
    factor: float = Field(default=1.0, gt=0)
    sounds: int = Field(default=32, ge=1, le=10_000)
    receipts: bool = True
    deadline_s: float = Field(default=15.0, gt=0)
    workers: int = Field(default=1, ge=1)


def load_speaking(environ: Mapping[str, str] = os.environ) -> Speaking:
    """Raises BadFile: the variable is not set, its file is missing or wrong, or others may read the passwords in it."""
    name = environ.get(VARIABLE)
    if not name:
        raise BadFile(f"{VARIABLE}: not set; it names the settings file of devices (loadtests/docs/devices.md)")
    try:
        speaking = Speaking.model_validate_json(Path(name).read_bytes())
        mode = stat.S_IMODE(Path(name).stat().st_mode)
    except OSError as error:
        raise BadFile(f"{name}: {error.strerror or 'cannot be read'}") from None
    except pydantic.ValidationError as error:
        raise BadFile(describe(name, error, Speaking)) from None
    if mode & 0o077 and (speaking.accounts or speaking.everybody or speaking.assistant):
        raise BadFile(f"{name}: others may read the passwords in it (mode {mode:04o}); chmod 600 {name}")
    return speaking
