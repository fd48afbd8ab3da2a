"""Plants, a clean corpus and broken applications -> recall by cell, precision, mutation score."""

import math
import random
from collections.abc import Callable, Iterable, Sequence

import msgspec

from gateway.identities import Identities
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.leaks.scorecard.clean import clean_corpus
from scenarios.leaks.scorecard.mutants import Mutant, visit
from scenarios.leaks.scorecard.plants import CHANNELS, Plant, every_cell, every_notation, random_chains
from scenarios.leaks.scorecard.untested import UNTESTED

Progress = Callable[[str], None]

DEPTH = 6  # decoding steps
_Z = 1.96  # 95 %


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """`recall_low` is the lower end of Wilson's 95 % interval."""

    name: str
    planted: int
    found: int
    recall_low: float


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """`missed` names cells as "channel / encoding / field"; `false_alarms` are findings in the clean corpus.

    `chance` is, by field, how many hits luck alone is estimated to give in a million responses.
    """

    seed: int
    planted: int
    found: int
    recall: float
    recall_low: float
    by_channel: tuple[Cell, ...]
    by_encoding: tuple[Cell, ...]
    by_field: tuple[Cell, ...]
    chains: Cell
    missed: tuple[str, ...]
    clean_responses: int
    clean_bytes: int
    false_alarms: int
    precision: float
    not_searched: int
    mutants: int
    killed: int
    survivors: tuple[str, ...]
    chance: dict[str, float]
    untested: tuple[str, ...]

    @property
    def mutation_score(self) -> float | None:
        return self.killed / self.mutants if self.mutants else None

    @property
    def good(self) -> bool:
        """Everything planted found, nothing clean accused, at least 95 % of the mutants killed."""
        score = self.mutation_score
        return self.found == self.planted and not self.false_alarms and (score is None or score >= 0.95)


def score(
    *, seed: int, chains: int, clean: int, mutants: Sequence[Mutant] = (), progress: Progress | None = None
) -> Scorecard:
    """Plant, search, count. `chains` random chains of encodings and `clean` responses of other households."""
    say = progress or (lambda _: None)
    homes = tuple(
        control_household(seed * 1_000 + at).model_copy(update={"household_id": f"H{at:02d}"}) for at in range(20)
    )
    detector = LeakDetector(Identities(schema=1, households=homes))
    rng = random.Random(f"scorecard {seed}")
    say("planting")
    fixed = [*every_cell(homes[0]), *every_notation(homes[0])]
    deep = [p for home in homes for p in random_chains(home, rng, max(chains // len(homes), 1), DEPTH)]
    hits = [_found(detector, each) for each in fixed]
    deep_hits = [_found(detector, each) for each in deep]
    say("clean corpus")
    accused = looked = cut = size = 0
    for haystack in clean_corpus(seed + 1, clean, homes):
        searched = detector.search(haystack)
        accused += len(searched.findings)
        cut += bool(searched.notes)
        looked, size = looked + 1, size + searched.bytes
    say("mutants")
    survivors = tuple(mutant.name for mutant in mutants if not visit(mutant, detector))
    found = sum(hits) + sum(deep_hits)
    planted = len(fixed) + len(deep)
    return Scorecard(
        seed=seed,
        planted=planted,
        found=found,
        recall=found / planted,
        recall_low=wilson_low(found, planted),
        by_channel=_cells(fixed, hits, lambda p: p.channel),
        by_encoding=_cells(fixed, hits, lambda p: p.encoding),
        by_field=_cells(fixed, hits, lambda p: p.field),
        chains=_cell(f"random chains to {DEPTH} decoding steps", deep_hits),
        missed=tuple(
            f"{p.channel} / {p.encoding} / {p.field}"
            for p, hit in zip((*fixed, *deep), (*hits, *deep_hits), strict=True)
            if not hit
        ),
        clean_responses=looked,
        clean_bytes=size,
        false_alarms=accused,
        precision=found / (found + accused) if found + accused else 0.0,
        not_searched=cut,
        mutants=len(mutants),
        killed=len(mutants) - len(survivors),
        survivors=survivors,
        chance=detector.chance,
        untested=UNTESTED,
    )


def wilson_low(found: int, planted: int) -> float:
    """Lower end of Wilson's score interval (1927), 95 %."""
    if not planted:
        return 0.0
    share = found / planted
    middle = share + _Z**2 / (2 * planted)
    spread = _Z * math.sqrt(share * (1 - share) / planted + _Z**2 / (4 * planted**2))
    return (middle - spread) / (1 + _Z**2 / planted)


def _found(detector: LeakDetector, planted: Plant) -> bool:
    part = Part(kind=planted.kind, name=planted.channel, data=planted.data)
    return any(finding.field == planted.field for finding in detector.scan(Haystack(parts=(part,))))


def _cells(plants: Sequence[Plant], hits: Sequence[bool], by: Callable[[Plant], str]) -> tuple[Cell, ...]:
    groups: dict[str, list[bool]] = {}
    for each, hit in zip(plants, hits, strict=True):
        groups.setdefault(by(each), []).append(hit)
    return tuple(_cell(name, found) for name, found in groups.items())


def _cell(name: str, hits: Iterable[bool]) -> Cell:
    told = list(hits)
    return Cell(name=name, planted=len(told), found=sum(told), recall_low=wilson_low(sum(told), len(told)))


def channels() -> tuple[str, ...]:
    return tuple(CHANNELS)
