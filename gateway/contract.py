"""The contract: what may be kept, and what is left of it (contracts/*.yaml). README.md explains every key."""

from pathlib import Path
from typing import Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml

PRESETS = Path(__file__).parent / "contracts"

Initiator = Literal["wake_word", "button", "device_claim"]
MaskClass = Literal["person", "contact", "phone", "email", "address", "card", "bank_account", "ssn", "number"]
Role = Literal["reviewer", "lead"]
# Fields of identities.json a contract may disclose on purpose.
Disclosure = Literal["home.city", "home.state", "members.given_name"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Gate(_Model):
    """What admits a clip. A muted microphone and an unknown device admit nothing, whatever stands here."""

    admit: tuple[Initiator, ...] = Field(min_length=1)
    wake_model: str = "alexa"
    wake_threshold: float = Field(default=0.5, gt=0, lt=1)
    pre_roll_ms: int = Field(default=500, ge=0, le=5_000)
    max_clip_ms: int = Field(default=30_000, ge=1_000, le=120_000)
    button_window_ms: int = Field(default=2_000, ge=0, le=30_000)
    consent: Literal["required", "ignored"] = "required"


class Transcripts(_Model):
    """Which classes of words are replaced by a typed placeholder, and how long a transcript is waited for."""

    mask: tuple[MaskClass, ...] = ()
    deadline_ms: int = Field(default=5_000, ge=0, le=60_000)


class Audio(_Model):
    """What happens to the sound of masked words, and to audio whose transcript never came."""

    masked_words: Literal["silence", "keep"]
    pad_ms: int = Field(default=100, ge=0, le=2_000)
    without_transcript: Literal["withhold", "keep"] = "withhold"


class Location(_Model):
    """`locality` is town and state, shown only where at least `min_anonymity` people live."""

    show: Literal["coordinates", "locality", "nothing"]
    min_anonymity: int = Field(default=1, ge=1)


class Redact(_Model):
    """One operator per field."""

    device: Literal["keep", "pseudonym", "drop"]
    customer: Literal["keep", "pseudonym", "drop"]
    given_name: Literal["keep", "drop"]
    location: Location
    time_grain: Literal["exact", "hour", "day"]
    transcript: Transcripts
    audio: Audio


class Review(_Model):
    """Who sees clips and how."""

    sampling: float = Field(default=1.0, ge=0, le=1)
    mfa: bool = True
    customer_lookup: bool = False


class Contract(_Model):
    """A gating and redaction contract.

    `kind: incident` models a reported failure: its practice may be weaker than what `allow` claims.
    `kind: protect` may not: whatever it shows must be in `allow`.
    """

    version: Literal[1] = Field(alias="contract")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    kind: Literal["protect", "incident"]
    gate: Gate
    redact: Redact
    review: Review
    allow: tuple[Disclosure, ...] = ()

    @pydantic.model_validator(mode="after")
    def _agrees_with_itself(self) -> "Contract":
        faults = contradictions(self)
        if faults:
            raise ValueError(faults[0])
        return self


def contradictions(contract: Contract) -> list[str]:
    """Every sentence in which the contract contradicts itself or shows more than it claims."""
    redact, found = contract.redact, []
    if redact.audio.masked_words == "silence" and not redact.transcript.mask:
        found.append("redact.audio.masked_words: silence needs words to mask: redact.transcript.mask is empty")
    if contract.gate.pre_roll_ms >= contract.gate.max_clip_ms:
        found.append("gate.pre_roll_ms: must be shorter than gate.max_clip_ms")
    if contract.review.customer_lookup and redact.customer != "keep":
        found.append("review.customer_lookup: needs redact.customer: keep, there is no id to look up")
    found += [
        f"allow: {field} is declared as disclosed, but nothing shows it"
        for field in contract.allow
        if field not in _shown(contract)
    ]
    if contract.kind == "protect":
        found += _weaker_than_claimed(contract)
    return found


def _shown(contract: Contract) -> set[str]:
    redact, shown = contract.redact, set()
    if redact.location.show != "nothing":
        shown |= {"home.city", "home.state"}
    if redact.given_name == "keep":
        shown.add("members.given_name")
    return shown


def _weaker_than_claimed(contract: Contract) -> list[str]:
    redact = contract.redact
    leaks = {
        "gate.admit: device_claim": "device_claim" in contract.gate.admit,
        "redact.device: keep": redact.device == "keep",
        "redact.customer: keep": redact.customer == "keep",
        "redact.location.show: coordinates": redact.location.show == "coordinates",
        "redact.audio.masked_words: keep": bool(redact.transcript.mask) and redact.audio.masked_words == "keep",
        "redact.audio.without_transcript: keep": redact.audio.without_transcript == "keep",
    }
    found = [
        f"{key} shows what no contract of kind protect may (kind: incident models it)" for key in leaks if leaks[key]
    ]
    found += [
        f"allow: {field} is shown but not declared" for field in sorted(_shown(contract)) if field not in contract.allow
    ]
    return found


def parse_contract(data: object, name: str) -> Contract:
    """Raises BadFile: an unknown key, a wrong value, or a contract that contradicts itself."""
    try:
        return Contract.model_validate(data)
    except pydantic.ValidationError as error:
        raise BadFile(describe(name, error, Contract)) from None


def load_contract(name_or_path: str) -> Contract:
    """A preset by name (`strict`) or a file by path.

    Raises:
        BadFile: no such preset or file, or as `parse_contract`.
    """
    preset = PRESETS / f"{name_or_path}.yaml"
    looks_like_path = "/" in name_or_path or name_or_path.endswith((".yaml", ".yml"))
    if not looks_like_path and not preset.exists():
        known = ", ".join(sorted(path.stem for path in PRESETS.glob("*.yaml")))
        raise BadFile(f"contract {name_or_path}: no such preset; allowed: {known}, or a path to a .yaml file")
    path = Path(name_or_path) if looks_like_path else preset
    return parse_contract(read_yaml(path), str(path))
