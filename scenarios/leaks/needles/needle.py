"""Defines a needle: one value to look for, and how much it tells."""

from typing import Literal

import msgspec

from scenarios.verdict import Severity

Family = Literal["words", "id", "digits"]

COMMON_NAME = 1_000  # people who bear a name, from which on it tells of nobody by itself
SHARED_NAME = 100

SEVERITIES: dict[str, Severity] = {
    "members.given_name": "low",
    "members.birth_date": "low",
    "contacts.name": "medium",
    "ip_addresses": "medium",
    "secrets.value": "critical",
    "members.national_ids.value": "critical",
}


_SORTS = {
    "members.name": "a full name",
    "members.given_name": "a given name",
    "members.phones": "a phone number",
    "members.emails": "an e-mail address",
    "contacts.name": "a contact's name",
    "contacts.phones": "a contact's phone number",
    "contacts.emails": "a contact's e-mail address",
    "home.street": "a street address",
    "work.street": "a workplace's address",
    "customer_id": "an account number",
    "devices.serial": "a serial number",
    "devices.site_id": "a device's name",
    "secrets.value": "number",
}


class Needle(msgspec.Struct, frozen=True, gc=False):
    """One value to look for. `key` is its normal form in the view of a text that its `family` names.

    words: folded, separators as single spaces, whole words only. id: the same without spaces, found anywhere. digits:
    digits only, a whole number with any separators.

    `possible` says that the value may belong to somebody else. `bearers` is how many people of a large country share
    it. `told` is its severity where something else decides that.
    """

    family: Family
    key: str
    value: str
    field: str
    household_id: str
    person_id: str | None = None
    label: str = ""
    possible: bool = False
    bearers: float = 0.0
    told: Severity | None = None

    @property
    def severity(self) -> Severity:
        if self.told is not None:
            return self.told
        if self.possible or self.bearers >= COMMON_NAME:
            return "low"
        severity = SEVERITIES.get(self.field, "high")
        return "medium" if self.bearers >= SHARED_NAME and severity == "high" else severity

    @property
    def masked(self) -> str:
        """What kind of value it is. Nothing of the value is in it: a first letter and a length alone identify one home
        of thousands.
        """
        if self.field == "other.value":
            return "a value of your own list"  # its label is yours, too
        return f"{self.label}{_SORTS.get(self.field, self.field)}"
