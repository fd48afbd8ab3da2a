"""Every form of every field x every encoding, and chains of two and three drawn by a seed: generated, not chosen.

A miss is shortened: steps are left out while it is still missed, so that what is named is the shortest chain.
"""

import base64
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise

import msgspec

from gateway.identities import Household
from scenarios.leaks.detector import Haystack, LeakDetector, Part
from scenarios.leaks.scorecard.encoders import ENCODERS, PACKED, TEXT_ONLY

Progress = Callable[[str], None]
CHANNELS: Mapping[str, tuple[bytes, bytes]] = {
    "body": (b"", b""),
    "JSON value": (b'{"clip": 1, "note": "', b'"}'),
    "log line": (b"10:00:01 INFO kept clip for ", b" in 3 ms\n"),
    "HTML text": (b"<p>Clip of <b>", b"</b></p>"),
}
_HOME = "home.latitude"
_LONGEST = 40_000  # bytes of one plant


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """`chain` from the inside out."""

    field: str
    form: str
    text: str
    chain: tuple[str, ...]
    channel: str


class GridCell(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    planted: int
    found: int


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """Cells by length of chain, and of single encodings by form x encoding; `missed` are the shortest chains."""

    seed: int
    lengths: tuple[GridCell, ...]
    singles: tuple[GridCell, ...]
    missed: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Every single encoding found, 99.5 % of the chains of two, 99 % of those of three."""
        return all(cell.found >= bar * cell.planted for cell, bar in zip(self.lengths, (1.0, 0.995, 0.99), strict=True))


def forms(home: Household) -> Iterator[tuple[str, str, str]]:
    """(field, form, text) of every value as people write it."""
    person, device, place = home.members[0], home.devices[0], home.home
    name, phone = person.name or "", person.phones[0]
    first, _, last = name.partition(" ")
    national = phone[2:]
    yield from (
        ("members.name", "as written", name),
        ("members.name", "upper case", name.upper()),
        ("members.name", "family name first", f"{last}, {first}"),
        ("members.phones", "E.164", phone),
        ("members.phones", "national", f"({national[:3]}) {national[3:6]}-{national[6:]}"),
        ("members.phones", "dots", f"{national[:3]}.{national[3:6]}.{national[6:]}"),
        ("members.emails", "as written", person.emails[0]),
        ("customer_id", "as written", home.customer_id or ""),
        ("customer_id", "lower case", (home.customer_id or "").lower()),
        ("devices.serial", "as written", device.serial or ""),
        ("devices.site_id", "as written", device.site_id),
        ("contacts.name", "as written", home.contacts[0].name or ""),
        ("secrets.value", "as written", home.secrets[0].value),
    )
    if place is not None and place.latitude is not None:
        yield "home.street", "as written", place.street or ""
        yield "home.street", "upper case", (place.street or "").upper()
        yield _HOME, "decimal", f"{place.latitude}, {place.longitude}"


def cases(home: Household, rng: random.Random, *, pairs: int, triples: int) -> Iterator[Case]:
    """Singles are complete; each pair and triple is drawn evenly from all that can carry one another."""
    known = list(forms(home))
    channels = sorted(CHANNELS)
    for field, form, text in known:
        for encoding in ENCODERS:
            yield Case(field=field, form=form, text=text, chain=(encoding,), channel=rng.choice(channels))
    for size, count in ((2, pairs), (3, triples)):
        made = 0
        while made < count:
            chain = tuple(rng.choice(sorted(ENCODERS)) for _ in range(size))
            if _carries(chain):
                made += 1
                field, form, text = rng.choice(known)
                yield Case(field=field, form=form, text=text, chain=chain, channel=rng.choice(channels))


def _carries(chain: tuple[str, ...]) -> bool:
    """Whether no step loses what the one before gives; the same rewriting twice over is none, a number has no zeros
    before it."""
    if any(inner == "utf-16 big-endian" and outer in NUMERALS for inner, outer in pairwise(chain)):
        return False
    return not any(inner in PACKED and outer in TEXT_ONLY for inner, outer in pairwise(chain)) and all(
        inner != outer for inner, outer in pairwise(chain)
    )


def planted(case: Case) -> bytes:
    """The value in its chain in its channel; what a text channel cannot carry goes through base64."""
    data = case.text.encode()
    for encoding in case.chain:
        data = ENCODERS[encoding](data)
    before, after = CHANNELS[case.channel]
    if before and case.chain[-1] in PACKED:
        data = base64.b64encode(data)
    if case.channel == "HTML text":
        data = data.replace(b"&", b"&amp;").replace(b"<", b"&lt;") if case.chain[-1] not in _MARKUP else data
    elif case.channel == "JSON value":
        data = data.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return before + data + after


NUMERALS = frozenset({"base36", "base58", "base62"})
_MARKUP = frozenset({"entities", "hex entities"})


def grid(detector: LeakDetector, home: Household, *, seed: int, pairs: int, triples: int, say: Progress) -> Grid:
    """Plant, search, count, shorten what was missed."""
    rng = random.Random(f"grid {seed}")
    told = [(case, _found(detector, case)) for case in _short(cases(home, rng, pairs=pairs, triples=triples), say)]
    missed = [_shortened(detector, case) for case, hit in told if not hit]
    names = {1: "single encodings", 2: "chains of two", 3: "chains of three"}
    return Grid(
        seed=seed,
        lengths=tuple(
            _cell(name, [hit for case, hit in told if len(case.chain) == size]) for size, name in names.items()
        ),
        singles=tuple(
            _cell(name, [hit for case, hit in told if len(case.chain) == 1 and case.chain[0] == name])
            for name in ENCODERS
        ),
        missed=tuple(
            dict.fromkeys(
                f"{' > '.join(reversed(case.chain))} / {case.field}, {case.form} / {case.channel}" for case in missed
            )
        ),
    )


def _short(made: Iterable[Case], say: Progress) -> Iterator[Case]:
    for at, case in enumerate(made):
        if at % 200 == 0:
            say(f"grid: {at} planted")
        if len(planted(case)) <= _LONGEST:
            yield case


def _found(detector: LeakDetector, case: Case) -> bool:
    part = Part(kind="response_body", name=case.channel, data=planted(case))
    return any(finding.field == case.field for finding in detector.scan(Haystack(parts=(part,))))


def _shortened(detector: LeakDetector, case: Case) -> Case:
    """Without every step, and without the channel, that it is missed without, too."""
    at = 0
    while at < len(case.chain) and len(case.chain) > 1:
        fewer = msgspec.structs.replace(case, chain=case.chain[:at] + case.chain[at + 1 :])
        if _carries(fewer.chain) and not _found(detector, fewer):
            case = fewer
        else:
            at += 1
    bare = msgspec.structs.replace(case, channel="body")
    return bare if not _found(detector, bare) else case


def _cell(name: str, hits: list[bool]) -> GridCell:
    return GridCell(name=name, planted=len(hits), found=sum(hits))
