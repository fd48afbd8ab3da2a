"""Values that stand in many places of a target file: addresses, paths into records, credentials."""

import re
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from gateway.fault_words import shown

NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"
DOTTED = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$"
JSON_PATH = r"^[^.\s][^\s]*$"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
JsonPath = Annotated[
    str, Field(pattern=JSON_PATH, description="keys and list places with points between: clip.files.0")
]


def _address(said: str) -> str:
    if not re.fullmatch(r"https?://[^\s@]+", said):
        wanted = "http(s)://host/... is wanted, without a user or a password (those go under login)"
        raise ValueError(quoted(said) + wanted)
    return _with_a_port(said)


def _with_a_port(said: str) -> str:
    try:
        urlsplit(said).port  # noqa: B018 (it raises)
    except ValueError:
        raise ValueError(quoted(said) + "a port is a number from 1 to 65535") from None
    return said


def quoted(said: str) -> str:
    """A wrong address in front of what is wrong with it; nothing where a password or a token may stand in it."""
    return "" if "@" in said or "?" in said else f"{shown(said)}: "


def _address_of_one(said: str) -> str:
    if "{id}" not in said:
        raise ValueError(quoted(said) + "{id} is wanted in it, where the clip's own id goes")
    return _address(said)


def _broker(said: str) -> str:
    if not re.fullmatch(r"mqtts?://[^\s@/?#]+/?", said):
        raise ValueError(quoted(said) + "mqtt://host:port or mqtts://host:port is wanted, without a user or a password")
    return _with_a_port(said)


Url = Annotated[str, AfterValidator(_address), Field(description="http(s), without a user or a password")]
UrlOfOne = Annotated[str, AfterValidator(_address_of_one), Field(description="with {id}: http://host/clips/{id}.wav")]
BrokerUrl = Annotated[str, AfterValidator(_broker), Field(description="mqtt://host:port or mqtts://host:port")]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Secret(Model):
    """A credential: the name of an environment variable, or a file of mode 0600 beside the target file."""

    env: str | None = Field(default=None, pattern=VARIABLE)
    file: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _never_itself(cls, said: Any) -> Any:
        """The credential itself, written here by mistake, is not quoted in the error."""
        if not isinstance(said, dict):
            raise ValueError("{env: NAME} or {file: PATH} is wanted; a credential itself may not stand here")
        return said

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("one of env: NAME and file: PATH is wanted")
        return self
