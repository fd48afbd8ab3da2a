"""The provisioning file: who lives where, with which devices (identities.json, schemas 1 and 2).

Made by the simulator or by a user from test accounts. The gateway takes it without `secrets`: what a customer
never types into an app must be recognised, not looked up. Schema 2 adds more homes, birth dates, number plates,
national ids, IP and MAC addresses, voice and user ids, anything else, and a locale for each household.
"""

import ipaddress
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile
from gateway.json_faults import describe_all
from gateway.wire import RESERVED_SITE_IDS, SITE_ID_PATTERN

SecretKind = Literal["bank_account", "routing_number", "card", "ssn", "passport", "other"]
AgeGroup = Literal["child", "adult", "elderly"]
Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$", description="E.164")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Locale = Annotated[
    str, Field(pattern=r"^[a-z]{2,3}([-_][A-Z]{2})?$", description='BCP 47 language and region, "de-DE"')
]
MacAddress = Annotated[
    str,
    Field(pattern=r"^(?:(?:[0-9A-Fa-f]{2}[:.-]?){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})$"),
]


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


class NationalId(_Model):
    """A number that a state gave to a person. `kind` is python-stdnum's name of it ("ssn", "cpf"), if it has one."""

    country: Country
    kind: str | None = None
    value: str = Field(min_length=1)


class Other(_Model):
    """Anything else that identifies; `label` says what it is."""

    label: str
    value: str = Field(min_length=1)


class Member(_Model):
    """Schema 2: `birth_date`, `national_ids`, and the names (`user_ids`) and voice profiles of accounts."""

    person_id: str
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    age_group: AgeGroup | None = None
    phones: tuple[Phone, ...] = ()
    emails: tuple[str, ...] = ()
    birth_date: date | None = None
    national_ids: tuple[NationalId, ...] = ()
    user_ids: tuple[str, ...] = ()
    voice_ids: tuple[str, ...] = ()


class Contact(_Model):
    name: str | None = None
    phones: tuple[Phone, ...] = ()
    emails: tuple[str, ...] = ()


class Secret(_Model):
    kind: SecretKind
    value: str


class Household(_Model):
    """`household_id` is a label of the harness ("H07"): it names a home in reports and is never a needle.

    Schema 2: `homes` beside `home`, `plates` of vehicles, addresses of the home's network, `other`, and the `locale`
    people there write in.
    """

    household_id: str
    customer_id: str | None = None
    consent: bool = True
    devices: tuple[Device, ...] = ()
    home: Place | None = None
    work: tuple[Place, ...] = ()
    members: tuple[Member, ...] = ()
    contacts: tuple[Contact, ...] = ()
    secrets: tuple[Secret, ...] = ()
    locale: Locale | None = None
    homes: tuple[Place, ...] = ()
    plates: tuple[str, ...] = ()
    ip_addresses: tuple[str, ...] = ()
    mac_addresses: tuple[MacAddress, ...] = ()
    other: tuple[Other, ...] = ()

    @pydantic.field_validator("ip_addresses")
    @classmethod
    def _addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                ipaddress.ip_address(value)
            except ValueError:
                raise ValueError("an IPv4 or IPv6 address is wanted") from None
        return values


_OF_HOUSEHOLD = frozenset({"locale", "homes", "plates", "ip_addresses", "mac_addresses", "other"})
_OF_MEMBER = frozenset({"birth_date", "national_ids", "user_ids", "voice_ids"})


class Identities(_Model):
    version: Literal[1, 2] = Field(default=1, alias="schema")
    households: tuple[Household, ...]

    @pydantic.model_validator(mode="after")
    def _schema_of_every_field(self) -> "Identities":
        if self.version == 1:
            for key in _newer(self.households):
                raise ValueError(f'{key}: needs "schema": 2')
        return self

    @pydantic.model_validator(mode="after")
    def _one_home_per_device(self) -> "Identities":
        sites = [device.site_id for home in self.households for device in home.devices]
        labels = [home.household_id for home in self.households]
        for what, values in (("site_id", sites), ("household_id", labels)):
            if len(set(values)) < len(values):
                raise ValueError(f"the same {what} stands twice")
        return self

    def without_secrets(self) -> "Identities":
        """The part that a customer types into an app. A gateway may know it."""
        homes = tuple(
            home.model_copy(
                update={
                    "secrets": (),
                    "other": (),
                    "members": tuple(member.model_copy(update={"national_ids": ()}) for member in home.members),
                }
            )
            for home in self.households
        )
        return self.model_copy(update={"households": homes})

    def to_json(self) -> bytes:
        """JSON of the file. Schema 1 has fewer keys; they are left out."""
        newer = {
            "households": {"__all__": {"members": {"__all__": set(_OF_MEMBER)}} | dict.fromkeys(_OF_HOUSEHOLD, True)}
        }
        text = self.model_dump_json(
            indent=1,
            by_alias=True,
            exclude_none=True,
            exclude_defaults=False,
            exclude=newer if self.version == 1 else None,
        )
        return text.encode() + b"\n"


def _newer(households: tuple[Household, ...]) -> Iterator[str]:
    """Paths of values that only schema 2 has."""
    for at, home in enumerate(households):
        yield from (f"households.{at}.{key}" for key in sorted(_OF_HOUSEHOLD) if getattr(home, key))
        for place, member in enumerate(home.members):
            path = f"households.{at}.members.{place}"
            yield from (f"{path}.{key}" for key in sorted(_OF_MEMBER) if getattr(member, key))


def parse_identities(text: bytes, name: str) -> Identities:
    """Read identities from `text`; `name` stands in the error.

    Raises:
        BadFile: not JSON, unknown keys, wrong values: a line for each, with its place. Values are never quoted.
    """
    try:
        return Identities.model_validate_json(text)
    except pydantic.ValidationError as error:
        raise BadFile(describe_all(name, text, error, Identities)) from None


def load_identities(path: Path) -> Identities:
    """Raises BadFile as `parse_identities`, and for a file that is not there."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    return parse_identities(text, str(path))


def _national_ids(home: Household) -> tuple[NationalId, ...]:
    return tuple(each for member in home.members for each in member.national_ids)


def load_provisioning(path: Path) -> Identities:
    """Identities for a gateway or a vault, which refuse a file that holds secrets."""
    identities = load_identities(path)
    for at, home in enumerate(identities.households):
        kept = {"secrets": home.secrets, "other": home.other, "members.national_ids": _national_ids(home)}
        for key in (key for key, values in kept.items() if values):
            raise BadFile(
                f"{path}: households.{at}.{key}: a gateway may not be given secrets; "
                "leave the key out (`earlid simulate` writes both kinds of file)"
            )
    return identities
