"""Which provider people may sign in by, and who of them has which role: the YAML file of `earlid review --provider`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import pydantic
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gateway.contract.model import Contract, Role
from gateway.files import BadFile, describe, read_yaml
from gateway.keys import read_private

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _address(text: str) -> str:
    found = urlsplit(text)
    if found.query or found.fragment or found.username or not found.hostname:
        raise ValueError("an address without a query is wanted")
    if found.scheme != "https" and not (found.scheme == "http" and found.hostname in _LOOPBACK):
        raise ValueError("https:// is wanted; http:// only on this machine")
    return text


Address = Annotated[str, AfterValidator(_address)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SecondFactor(_Model):
    """The ID token must say that one was used: `claim` (`amr` or `acr`) holds one of `values`."""

    claim: str = Field(default="amr", pattern=r"^(amr|acr)$")
    values: tuple[str, ...] = Field(min_length=1)


class ProviderSettings(_Model):
    """`issuer` is the provider's address, as its tokens have it. `secret_file` (mode 0600) holds the tool's secret.

    `base_url` is the address at which people reach the review tool; the provider sends them back to
    `<base_url>/sign-in/back`. `roles` gives the role of each value of the claim `role_claim`; nobody else gets in.
    """

    issuer: Address
    client_id: str = Field(min_length=1)
    secret_file: Path
    base_url: Address
    role_claim: str = Field(default="groups", min_length=1)
    roles: Mapping[str, Role] = Field(min_length=1)
    second_factor: SecondFactor | None = None
    scopes: tuple[str, ...] = ("openid",)

    @property
    def redirect_uri(self) -> str:
        return f"{self.base_url.rstrip('/')}/sign-in/back"


def load_provider(path: Path, contract: Contract) -> tuple[ProviderSettings, str]:
    """The settings and the client's secret.

    Raises:
        BadFile: a wrong key, a secret that others may read, or no second factor although the contract asks for one.
    """
    try:
        found = ProviderSettings.model_validate(read_yaml(path))
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, ProviderSettings)) from None
    if contract.review.mfa and found.second_factor is None:
        raise BadFile(f"{path}: second_factor: {contract.name} asks for one; say how the provider's tokens tell of it")
    if "openid" not in found.scopes:
        raise BadFile(f"{path}: scopes: openid is wanted among them")
    file = path.parent / found.secret_file
    secret = read_private(file).decode("utf-8", "replace").strip()
    if not secret:
        raise BadFile(f"{file}: is empty; the client's secret is wanted")
    return found, secret
