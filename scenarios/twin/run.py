"""Twin runs: a world with other identities must look the same to everybody.

A and A' are two runs of one world with different keys. The sides are worlds that differ from it in identities alone.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

import msgspec

from gateway.contract.model import Contract
from gateway.identities import Device, Household, Identities
from scenarios.twin.difference import Comparison, Reference, View
from scenarios.twin.soundless import soundless, timing
from scenarios.twin.visit import Visit
from scenarios.twin.world import TwinWorld
from scenarios.verdict import Finding, Outcome, Where, combine
from simulator.device.fleet import FleetSettings
from simulator.world.twins import SILENT_FIELDS, SPOKEN_FIELDS, make_twin

SCHEMA = 1
CHECK = "twin"
_TWIN_SEED = 77  # differs from the scenario's seed, which makes the first identities

T = TypeVar("T")
Progress = Callable[[str], None]
Which = Literal["silent", "spoken", "both"]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One world that is compared with the reference. `fields` were swapped in it; `about` says this in words."""

    name: str
    about: str
    fields: tuple[str, ...]
    outcome: Outcome
    comparison: Comparison


class SpokenLengths(msgspec.Struct, frozen=True, kw_only=True):
    """How the length of a spoken secret changes clips: `changed` of `clips`, by at most `at_most_ms` milliseconds."""

    clips: int
    changed: int
    at_most_ms: int


class TwinReport(msgspec.Struct, frozen=True, kw_only=True):
    """The content of twin.json.

    `leaking` names fields whose swap alone is visible. `masked` counts the words that are random in the system, by
    place. `declared` fields are disclosed by the contract and never swapped. `not_asked` are published routes that were
    not fetched. `unsteady` are answers that could not be compared.
    """

    schema: int
    scenario: str
    contract: str
    seed: int
    households: int
    clips: int
    outcome: Outcome
    sides: tuple[Side, ...]
    leaking: tuple[str, ...]
    lengths: SpokenLengths | None
    masked: dict[str, int]
    unsteady: tuple[str, ...]
    not_asked: tuple[str, ...]
    declared: tuple[str, ...]


class Worlds(msgspec.Struct, frozen=True, kw_only=True):
    """What a twin run needs of a scenario."""

    scenario: str
    contract: Contract
    identities: Identities
    settings: FleetSettings


def twin(
    worlds: Worlds, house: TwinWorld, *, which: Which = "both", fields: Sequence[str] = (), progress: Progress = print
) -> TwinReport:
    """Run the reference twice and each side once, and compare them.

    With `fields`, each of these fields is swapped alone. A side that differs is run again field by field.

    Raises:
        BadFile: a field cannot be swapped, or no other value fits.
        ProcessDied: a part of the world ended.
    """
    ours = reference_world(worlds.identities)
    first, second = (_shown(house, ours, worlds.settings, name, progress) for name in ("A", "A'"))
    whole = Reference(first.views, second.views)
    quiet = Reference(soundless(first.views), soundless(second.views))
    sides, lengths = [], None
    for name, about, swapped, theirs in others(ours, worlds.contract.allow, which=which, fields=fields):
        seen = _shown(house, theirs, worlds.settings, name, progress)
        spoken = not set(swapped).isdisjoint(SPOKEN_FIELDS)
        compared = quiet.compare(soundless(seen.views)) if spoken else whole.compare(seen.views)
        sides.append(_side(name, about, swapped, compared))
        if spoken and lengths is None:
            lengths = _lengths(first.views, seen.views)
    if not fields:
        sides += _taken_apart(sides, worlds, ours, house, whole, quiet, progress)
    clips = {view.clip for view in first.views if view.clip}
    return TwinReport(
        schema=SCHEMA,
        scenario=worlds.scenario,
        contract=worlds.contract.name,
        seed=worlds.settings.seed,
        households=len(ours.households),
        clips=len(clips),
        outcome=_outcome(sides, clips, whole.unsteady, first.missed),
        sides=tuple(sides),
        leaking=tuple(dict.fromkeys(f for side in sides if len(side.fields) == 1 and _red(side) for f in side.fields)),
        lengths=lengths,
        masked=whole.masked,
        unsteady=whole.unsteady,
        not_asked=first.missed,
        declared=tuple(worlds.contract.allow),
    )


def reference_world(identities: Identities) -> Identities:
    """The identities with the last household set to no consent. Nothing of that household may be visible."""
    *rest, last = identities.households
    return identities.model_copy(update={"households": (*rest, last.model_copy(update={"consent": False}))})


def others(
    ours: Identities, allowed: Sequence[str], *, which: Which, fields: Sequence[str]
) -> Iterable[tuple[str, str, tuple[str, ...], Identities]]:
    """The worlds to compare: (name, meaning, swapped fields, identities). Fields in `allow` are never swapped."""
    for field in fields:
        yield f"field {field}", f"other values of {field} alone", (field,), _twin(ours, (field,))
    if fields:
        return
    silent = tuple(field for field in SILENT_FIELDS if field not in allowed)
    spoken = tuple(field for field in SPOKEN_FIELDS if field not in allowed)
    if which in ("silent", "both"):
        yield "silent", "other ids, places, phones and contacts, none of them said aloud", silent, _twin(ours, silent)
        unequal = _twin(ours, silent, equal=False)
        yield "unequal", "the same, in values of other lengths", silent, unequal
        yield "relabelled", "the same devices and accounts, given to one another", (), relabelled(ours)
        absent = ours.model_copy(update={"households": ours.households[:-1]})
        yield "absent", "without the household of which everything must be dropped", (), absent
    if which in ("spoken", "both"):
        every = (*silent, *spoken)
        yield (
            "spoken",
            "other names, numbers and addresses, said aloud; the sound itself left out",
            every,
            _twin(ours, every),
        )


def relabelled(identities: Identities) -> Identities:
    """Swap ids and account numbers between neighbours, so that anything sorted by them changes its order."""
    homes = identities.households
    ids = iter(_swapped([(device.site_id, device.serial) for home in homes for device in home.devices]))
    accounts = iter(_swapped([home.customer_id for home in homes]))

    def moved(home: Household) -> Household:
        devices = tuple(_relabelled(device, *next(ids)) for device in home.devices)
        return home.model_copy(update={"devices": devices, "customer_id": next(accounts)})

    return identities.model_copy(update={"households": tuple(map(moved, homes))})


def _swapped(row: Sequence[T]) -> list[T]:
    """Swap the first with the second, the third with the fourth, and so on. An odd last item stays."""
    even = len(row) - len(row) % 2
    return [*(row[at ^ 1] for at in range(even)), *row[even:]]


def findings(report: TwinReport) -> tuple[Finding, ...]:
    """One finding for each leaking field and place. A side that no single field explains is a finding of its own."""
    red = [side for side in report.sides if _red(side)]
    single = [side for side in red if len(side.fields) == 1]
    return tuple(
        Finding(
            check=CHECK,
            severity="high",
            where=Where(kind=difference.part, name=difference.place),
            household_id=difference.clips[0].partition("-")[0] if difference.clips else "-",
            field=side.fields[0] if len(side.fields) == 1 else side.name,
            how=("twin run",),
            masked_evidence=f"{difference.part} changes with it in {len(difference.clips) or 'lists of'} clips",
            reproduce=f"earlid twin {report.scenario} --seed {report.seed}"
            + (f" --field {side.fields[0]}" if len(side.fields) == 1 else ""),
        )
        for side in (single or red)
        for difference in side.comparison.differences
    )


def _taken_apart(
    sides: Sequence[Side],
    worlds: Worlds,
    ours: Identities,
    house: TwinWorld,
    whole: Reference,
    quiet: Reference,
    progress: Progress,
) -> list[Side]:
    """Run each field of the failed sides alone. Returns one side for each field."""
    red = [side for side in sides if _red(side) and len(side.fields) > 1]
    apart = []
    for field in dict.fromkeys(field for side in red for field in side.fields):
        name = f"field {field}"
        seen = _shown(house, _twin(ours, (field,)), worlds.settings, name, progress)
        compared = quiet.compare(soundless(seen.views)) if field in SPOKEN_FIELDS else whole.compare(seen.views)
        apart.append(_side(name, f"other values of {field} alone", (field,), compared))
    return apart


def _shown(house: TwinWorld, identities: Identities, settings: FleetSettings, name: str, progress: Progress) -> Visit:
    progress(name)
    return house.show(identities, msgspec.structs.replace(settings, households=len(identities.households)))


def _side(name: str, about: str, fields: Sequence[str], compared: Comparison) -> Side:
    outcome = Outcome.FAIL if compared.differences else Outcome.PASS if compared.words else Outcome.UNKNOWN
    return Side(name=name, about=about, fields=tuple(fields), outcome=outcome, comparison=compared)


def _red(side: Side) -> bool:
    return side.outcome is Outcome.FAIL


def _outcome(
    sides: Sequence[Side], clips: Iterable[str | None], unsteady: Sequence[str], missed: Sequence[str]
) -> Outcome:
    """The outcome of all sides. It is never PASS if something was not compared."""
    looked = Outcome.UNKNOWN if unsteady or missed or not set(clips) else Outcome.PASS
    return combine([looked, *(side.outcome for side in sides)])


def _lengths(ours: Sequence[View], theirs: Sequence[View]) -> SpokenLengths:
    a, b = timing(ours), timing(theirs)
    apart = [abs(a[clip] - b[clip]) for clip in a if clip in b]
    return SpokenLengths(clips=len(apart), changed=sum(ms > 0 for ms in apart), at_most_ms=max(apart, default=0))


def _twin(ours: Identities, fields: Sequence[str], *, equal: bool = True) -> Identities:
    return make_twin(ours, seed=_TWIN_SEED, fields=fields, equal_lengths=equal)


def _relabelled(device: Device, site_id: str, serial: str | None) -> Device:
    return device.model_copy(update={"site_id": site_id, "serial": serial})
