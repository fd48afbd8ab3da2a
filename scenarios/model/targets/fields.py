"""Values that stand in many places of a target file: addresses, paths into records, credentials."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"
DOTTED = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$"
JsonPath = Annotated[
    str, Field(pattern=r"^[^.\s][^\s]*$", description="keys and list places with points between: clip.files.0")
]


def _address(said: str) -> str:
    """What is wrong with an address is said without quoting it: it may hold a password."""
    if not re.fullmatch(r"https?://[^\s@]+", said):
        raise ValueError("http(s)://host/... is wanted, without a user or a password (those go under login)")
    return said


def _address_of_one(said: str) -> str:
    if "{id}" not in said:
        raise ValueError("{id} is wanted in it, where the clip's own id goes")
    return _address(said)


def _broker(said: str) -> str:
    if not re.fullmatch(r"mqtts?://[^\s@/?#]+/?", said):
        raise ValueError("mqtt://host:port or mqtts://host:port is wanted, without a user or a password")
    return said


Url = Annotated[str, AfterValidator(_address), Field(description="http(s), without a user or a password")]
UrlOfOne = Annotated[str, AfterValidator(_address_of_one), Field(description="with {id}: http://host/clips/{id}.wav")]
BrokerUrl = Annotated[str, AfterValidator(_broker), Field(description="mqtt://host:port or mqtts://host:port")]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Secret(Model):
    """A credential: the name of an environment variable, or a file of mode 0600 beside the target file."""

    env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    file: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("one of env: NAME and file: PATH is wanted")
        return self
