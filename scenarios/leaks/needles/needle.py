"""One value to look for, and how much it tells."""

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


class Needle(msgspec.Struct, frozen=True, kw_only=True):
    """One value to look for. `key` is its normal form in the `family`'s view of a text:

    words: folded, separators as single spaces, whole words only; id: the same without spaces, anywhere;
    digits: digits only, a whole number over any separators. `possible`: it may as well be somebody else; `bearers`:
    how many people of a large country share it.
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

    @property
    def severity(self) -> Severity:
        if self.possible or self.bearers >= COMMON_NAME:
            return "low"
        severity = SEVERITIES.get(self.field, "high")
        return "medium" if self.bearers >= SHARED_NAME and severity == "high" else severity

    @property
    def masked(self) -> str:
        """First letter and length for words, the last two digits for numbers; never more."""
        if self.family == "digits":
            return f"{self.label}{len(self.key)} digits ending {self.key[-2:]}"
        return f"{self.label}{self.value.strip()[:1]}… ({len(self.value.strip())} characters)"
