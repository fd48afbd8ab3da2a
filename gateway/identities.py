"""The provisioning file: who lives where, with which devices (identities.json, schema 1).

Made by the simulator or by a user from test accounts. The gateway takes it without `secrets`: what a customer
never types into an app must be recognised, not looked up.
"""

from pathlib import Path
from typing import Annotated, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe
from gateway.wire import RESERVED_SITE_IDS, SITE_ID_PATTERN

SecretKind = Literal["bank_account", "routing_number", "card", "ssn", "passport", "other"]
AgeGroup = Literal["child", "adult", "elderly"]
Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$", description="E.164")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Model):
    """An address; `latitude` and `longitude` in degrees, WGS 84."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)


class Device(_Model):
    site_id: str = Field(pattern=SITE_ID_PATTERN)
    serial: str | None = None

    @pydantic.field_validator("site_id")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value in RESERVED_SITE_IDS:
            raise ValueError(f"reserved, may not be one of {', '.join(sorted(RESERVED_SITE_IDS))}")
        return value


class Member(_Model):
    person_id: str
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    age_group: AgeGroup | None = None
    phones: tuple[Phone, ...] = ()
    emails: tuple[str, ...] = ()


class Contact(_Model):
    name: str | None = None
    phones: tuple[Phone, ...] = ()
    emails: tuple[str, ...] = ()


class Secret(_Model):
    kind: SecretKind
    value: str


class Household(_Model):
    """`household_id` is a label of the harness ("H07"): it names a home in reports and is never a needle."""

    household_id: str
    customer_id: str | None = None
    consent: bool = True
    devices: tuple[Device, ...] = ()
    home: Place | None = None
    work: tuple[Place, ...] = ()
    members: tuple[Member, ...] = ()
    contacts: tuple[Contact, ...] = ()
    secrets: tuple[Secret, ...] = ()


class Identities(_Model):
    version: Literal[1] = Field(default=1, alias="schema")
    households: tuple[Household, ...]

    @pydantic.model_validator(mode="after")
    def _one_home_per_device(self) -> "Identities":
        sites = [device.site_id for home in self.households for device in home.devices]
        labels = [home.household_id for home in self.households]
        for what, values in (("site_id", sites), ("household_id", labels)):
            if len(set(values)) < len(values):
                raise ValueError(f"the same {what} stands twice")
        return self

    def without_secrets(self) -> "Identities":
        """What a customer types into an app: the part a gateway may know."""
        homes = tuple(home.model_copy(update={"secrets": ()}) for home in self.households)
        return self.model_copy(update={"households": homes})

    def to_json(self) -> bytes:
        text = self.model_dump_json(indent=1, by_alias=True, exclude_none=True, exclude_defaults=False)
        return text.encode() + b"\n"


def parse_identities(text: bytes, name: str) -> Identities:
    """Read identities from `text`; `name` stands in the error.

    Raises:
        BadFile: not JSON, an unknown key, a wrong value. Values are never quoted.
    """
    try:
        return Identities.model_validate_json(text)
    except pydantic.ValidationError as error:
        raise BadFile(describe(name, error, Identities)) from None


def load_identities(path: Path) -> Identities:
    """Raises BadFile as `parse_identities`, and for a file that is not there."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    return parse_identities(text, str(path))


def load_provisioning(path: Path) -> Identities:
    """Identities for a gateway or a vault, which refuse a file that holds secrets."""
    identities = load_identities(path)
    for at, home in enumerate(identities.households):
        if home.secrets:
            raise BadFile(
                f"{path}: households.{at}.secrets: a gateway may not be given secrets; "
                "leave the key out (`earlid simulate` writes both kinds of file)"
            )
    return identities
