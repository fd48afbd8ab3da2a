"""The contract: what may be kept, and what is left of it (contracts/*.yaml). docs/contract.md explains every key."""

from pathlib import Path
from typing import Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.contract.consistency import contradictions
from gateway.files import BadFile, describe, read_yaml
from gateway.yaml_faults import describe_yaml

PRESETS = Path(__file__).parent / "presets"

Initiator = Literal["wake_word", "button", "device_claim"]
Verification = Literal["acoustic", "transcript"]
MaskClass = Literal[
    "person",
    "contact",
    "phone",
    "email",
    "address",
    "card",
    "card_expiry",
    "bank_account",
    "ssn",
    "national_id",
    "date_of_birth",
    "licence_plate",
    "ip_address",
    "mac_address",
    "number",
    "unclear",
]
# Those that gateway/redact/language/locales has.
Language = Literal["en", "es"]
Role = Literal["reviewer", "lead", "auditor", "safety_officer", "safety_approver", "administrator"]
# What a break-glass case may open; nothing else of a household is ever shown.
CaseField = Literal["home", "phones", "names"]
# Fields of identities.json a contract may disclose on purpose.
Disclosure = Literal["home.city", "home.state", "home.area", "members.given_name"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Gate(_Model):
    """What admits a clip. A muted microphone and an unknown device admit nothing, whatever stands here."""

    admit: tuple[Initiator, ...] = Field(min_length=1)
    wake_model: str = Field(default="alexa", min_length=1)
    wake_threshold: float = Field(default=0.5, gt=0, lt=1)
    pre_roll_ms: int = Field(default=500, ge=0, le=5_000)
    max_clip_ms: int = Field(default=30_000, ge=1_000, le=120_000)
    button_window_ms: int = Field(default=2_000, ge=0, le=30_000)
    wake_phrase: str = Field(default="alexa", min_length=2)
    wake_within_ms: int | None = Field(default=None, ge=500)
    verify: tuple[Verification, ...] = ()
    verify_model: str | None = Field(default=None, min_length=1)
    verify_threshold: float = Field(default=0.5, gt=0, lt=1)
    end_silence_ms: int | None = Field(default=None, ge=200, le=10_000)
    refractory_ms: int = Field(default=2_000, ge=0, le=60_000)
    same_utterance: Literal["one_clip", "each"] = "one_clip"
    media_homes: int | None = Field(default=None, ge=2)
    children: Literal["keep", "drop"] = "keep"
    consent: Literal["required", "ignored"] = "required"


class Transcripts(_Model):
    """Which classes of words are replaced by a typed placeholder, and how long a transcript is waited for.

    `unclear` are words of less than `min_confidence`, or that last too long or lead nowhere. `language` is that of
    transcripts which name none; what comes in another than the redactor speaks is withheld, or read as `language`.
    """

    mask: tuple[MaskClass, ...] = ()
    min_confidence: float = Field(default=0.0, ge=0, le=1)
    deadline_ms: int = Field(default=5_000, ge=0, le=60_000)
    language: Language = "en"
    unsupported_language: Literal["withhold", "read_anyway"] = "withhold"


class Audio(_Model):
    """What happens to the sound of masked words, and to audio whose transcript never came."""

    masked_words: Literal["silence", "beep", "keep"]
    pad_ms: int = Field(default=100, ge=0, le=2_000)
    edge_ms: int = Field(default=20, ge=0, le=2_000)
    tail_ms: int = Field(default=0, ge=0, le=2_000)
    word_times: Literal["aligned", "transcript"] = "aligned"
    max_disagreement_ms: int = Field(default=250, ge=0, le=2_000)
    unexplained: Literal["cover", "keep"] = "keep"
    without_transcript: Literal["withhold", "keep"] = "withhold"


class Location(_Model):
    """What is shown of a place, and only where it hides at least `min_anonymity` people, or homes of the fleet.

    `locality` is town and state; `grid` the geohash cell of `grid_level` characters around the home.
    """

    show: Literal["coordinates", "grid", "locality", "nothing"]
    min_anonymity: int = Field(default=1, ge=1)
    counted_by: Literal["population", "fleet"] = "population"
    grid_level: int = Field(default=4, ge=1, le=8)


class Pseudonyms(_Model):
    """How far a pseudonym reaches and how long it lives, by the gateway's clock.

    After `rotate_days` a new key makes new pseudonyms; after `lifetime_days` a clip's pseudonyms are removed from
    the store and the clip stays. None: never.
    """

    scope: Literal["clip", "session", "device", "household"] = "device"
    rotate_days: int | None = Field(default=None, ge=1, le=3_650)
    lifetime_days: int | None = Field(default=None, ge=1, le=3_650)


class Redact(_Model):
    """One operator per field."""

    device: Literal["keep", "pseudonym", "drop"]
    customer: Literal["keep", "pseudonym", "drop"]
    given_name: Literal["keep", "drop"]
    pseudonyms: Pseudonyms = Pseudonyms()
    location: Location
    time_grain: Literal["exact", "hour", "day"]
    transcript: Transcripts
    audio: Audio
    voice: Literal["keep", "distort"] = "keep"


class ContactCheck(_Model):
    """ "Does what I heard match one of this household's contacts?": match or no match, never a name.

    No limit counts by household: a budget that several clips share would tell that they belong together.
    `tries_per_clip` is for the clip's whole life and all reviewers; the others are a reviewer's own, a month being
    30 days. A miss is an answer "no match".
    """

    tries_per_clip: int = Field(default=3, ge=1, le=20)
    tries_per_day: int = Field(default=20, ge=1, le=10_000)
    tries_per_month: int = Field(default=60, ge=1, le=100_000)
    tries_ever: int = Field(default=500, ge=1, le=1_000_000)
    misses_per_day: int = Field(default=5, ge=1, le=10_000)
    misses_per_month: int = Field(default=15, ge=1, le=100_000)


class BreakGlass(_Model):
    """A safety officer asks with a reason, a second person approves; the case then shows `show` until it expires."""

    show: tuple[CaseField, ...] = Field(default=("home", "phones"), min_length=1)
    open_minutes: int = Field(default=60, ge=1, le=1_440)
    decide_minutes: int = Field(default=240, ge=1, le=10_080)


class Review(_Model):
    """Who sees clips and how. A stored clip is deleted after `retention_days`, by the gateway's clock.

    `export` lets annotated clips leave as files, into a folder that deletion reaches. Clips are published to the
    queue every `publish_minutes`, all that came since in one batch and in random order; 0: as they come.
    `reviews_per_clip` people annotate each clip without seeing each other's work; the other numbers are one person's.
    """

    sampling: float = Field(default=1.0, ge=0, le=1)
    publish_minutes: int = Field(default=0, ge=0, le=10_080)
    reviews_per_clip: int = Field(default=1, ge=1, le=10)
    clips_at_once: int = Field(default=20, ge=1, le=100)
    clips_per_day: int | None = Field(default=None, ge=1, le=100_000)
    withdrawals_per_hour: int = Field(default=60, ge=1, le=10_000)
    mfa: bool = True
    customer_lookup: bool = False
    contact_check: ContactCheck | None = None
    break_glass: BreakGlass | None = None
    export: bool = False
    retention_days: int | None = Field(default=None, ge=1, le=36_500)


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


def parse_contract(data: object, name: str) -> Contract:
    """Raises BadFile: an unknown key, a wrong value, or a contract that contradicts itself."""
    try:
        return Contract.model_validate(data)
    except pydantic.ValidationError as error:
        raise BadFile(describe(name, error, Contract)) from None


def load_contract(name_or_path: str) -> Contract:
    """A preset by name (`strict`) or a file by path.

    Raises:
        BadFile: no such preset or file, or every fault of it as `file:line:column: key: value: what is allowed`.
    """
    preset = PRESETS / f"{name_or_path}.yaml"
    looks_like_path = "/" in name_or_path or name_or_path.endswith((".yaml", ".yml"))
    if not looks_like_path and not preset.exists():
        known = ", ".join(sorted(path.stem for path in PRESETS.glob("*.yaml")))
        raise BadFile(f"contract {name_or_path}: no such preset; allowed: {known}, or a path to a .yaml file")
    path = Path(name_or_path) if looks_like_path else preset
    data = read_yaml(path)
    try:
        return Contract.model_validate(data)
    except pydantic.ValidationError as error:
        raise BadFile(describe_yaml(str(path), path.read_text(encoding="utf-8"), error, Contract)) from None
