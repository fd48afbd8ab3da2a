"""What was seen from outside: the load's spool, the audio served, the files at rest; what checks read besides truth."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from scenarios.verdict import Finding


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """One response of the review tool, as the leak watch spooled it; never a body.

    `route` is a template ("/clips/{ref}"); `ms` how long it took; `clip_ref` the clip it showed, if one;
    `person` is the account that was shown it, by its name in the harness; `not_searched` says why the search stopped
    short, if it did.
    """

    role: str
    method: str
    route: str
    status: int
    bytes: int
    ms: float
    clip_ref: str | None = None
    person: str | None = None
    findings: tuple[Finding, ...] = ()
    not_searched: str | None = None

    @property
    def template(self) -> str:
        """ "GET /clips/{ref}": method and path, without a query."""
        return f"{self.method} {self.route.partition('?')[0]}"


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """A planted leak that went through the same pipeline as the real responses."""

    name: str
    via: str
    found: bool
    how: tuple[str, ...] = ()


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """One file at rest, searched. `not_searched` says what of it was not, or not to its end. An `encrypted` one holds
    ciphertext on purpose, and was searched as it lies there."""

    name: str
    bytes: int
    findings: tuple[Finding, ...] = ()
    not_searched: tuple[str, ...] = ()
    encrypted: bool = False


class Aged(msgspec.Struct, frozen=True, kw_only=True):
    """The store as the gateway's own sweep leaves it `days` after today: clips, those that still carry a pseudonym or
    an id of device or customer (`linked`), and those whose household is still noted (`owned`)."""

    days: int
    clips: int
    linked: int
    owned: int


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """One question put to the review tool from outside, for the check `of`; whether the answer was as it should be."""

    of: str
    asked: str
    held: bool
    got: str


class LoadFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the reviewers experienced, the controls left out; `rps` over `seconds` of load."""

    requests: int
    failures: int
    seconds: float
    rps: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """One clip as the review tool serves it, asked for by the harness's own reviewer after the load."""

    ref: str
    facts: Mapping[str, Any]
    wav: bytes | None
    clean: bool

    @property
    def samples(self) -> npt.NDArray[np.int16] | None:
        """The served PCM (int16, 16 kHz), or None when audio is withheld."""
        return np.frombuffer(self.wav[44:], np.int16) if self.wav else None


class Observations(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the checks may look at besides ledger, truth and contract.

    `sounds` are the truth's own recordings by utterance (int16, 16 kHz); `routes` are the templates the target
    publishes in its OpenAPI description and pages. `looked_for` counts by field the values that were searched for,
    `left_out` those too common or too short to be looked for alone. `doors` are the harness's own sign-in and sign-out.
    `warm` says for a warm-up (ms) how many responses came in it; `stopped` which threshold ended the run early.
    `recorded` is the load.json of each stage.
    """

    responses: tuple[Response, ...]
    controls: tuple[Control, ...]
    served: Mapping[str, Served]
    routes: frozenset[str]
    at_rest: tuple[Searched, ...]
    load: LoadFigures | None
    looked_for: Mapping[str, int]
    sounds: Mapping[str, npt.NDArray[np.int16]]
    aged: tuple[Aged, ...] = ()
    probes: tuple[Probe, ...] = ()
    warm: Mapping[int, int] = {}
    doors: tuple[Response, ...] = ()
    stopped: str | None = None
    recorded: tuple[bytes, ...] = ()
    left_out: Mapping[str, int] = {}

    @property
    def needles(self) -> int:
        """How many values were looked for."""
        return sum(self.looked_for.values())


def unanswered_in(path: Path) -> tuple[float, ...]:
    """Milliseconds that each request waited which got no answer at all."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    told = (msgspec.json.decode(line) for line in lines)
    return tuple(float(line["ms"]) for line in told if line.get("kind") == "unanswered")


NOTHING = Observations(
    responses=(),
    controls=(),
    served={},
    routes=frozenset(),
    at_rest=(),
    load=None,
    looked_for={},
    sounds={},
)


def read_spool(path: Path) -> tuple[tuple[Response, ...], tuple[Control, ...]]:
    """The leak watch's JSON lines. A missing spool is an empty one: checks then say unknown."""
    responses: list[Response] = []
    controls: list[Control] = []
    lines = path.read_bytes().splitlines() if path.exists() else []
    for line in lines:
        kind = msgspec.json.decode(line).get("kind")
        if kind == "response":
            responses.append(msgspec.json.decode(line, type=Response))
        elif kind == "control":
            controls.append(msgspec.json.decode(line, type=Control))
    return tuple(responses), tuple(controls)
