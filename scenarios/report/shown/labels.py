"""Names for households, persons and values that hold for one report only, and the private file that resolves them."""

import json
import secrets
from pathlib import Path

import msgspec

from gateway.files import BadFile
from scenarios.verdict import Finding

_LETTERS = "bcdfghjkmnpqrstvwxz23456789"


class Labels:
    """Random labels. A label tells nothing about the identities file, and the next report uses others."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}

    def of(self, sort: str, value: str) -> str:
        """The label of a thing. The same thing always gets the same label."""
        key = (sort, value)
        if key not in self._given:
            taken = set(self._given.values())
            label = next(made for _ in range(1_000_000) if (made := f"{sort}-{_random()}") not in taken)
            self._given[key] = label
        return self._given[key]

    def on(self, finding: Finding) -> Finding:
        """The finding with labels for the household and the person."""
        person = self.of("person", finding.person_id) if finding.person_id else None
        return msgspec.structs.replace(finding, household_id=self.of("home", finding.household_id), person_id=person)

    def write(self, path: Path) -> None:
        """Label -> household_id or person_id as JSON, for its owner alone to read.

        Raises:
            BadFile: it cannot be written there.
        """
        known = {label: value for (sort, value), label in self._given.items() if sort != "value"}
        private(path, json.dumps(known, indent=1).encode() + b"\n")


def private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read.

    Raises:
        BadFile: it cannot be written there.
    """
    try:
        path.unlink(missing_ok=True)  # an older file could be open to others
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(data)
    except OSError as error:
        raise BadFile(f"{path}: cannot be written ({error.strerror})") from None


def _random() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(5))
