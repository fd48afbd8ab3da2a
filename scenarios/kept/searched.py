"""Searches every kept record and sound for identities. Planted leaks go through the same search."""

from collections.abc import Iterator, Sequence

import msgspec

from scenarios.checks.exposure import READ
from scenarios.kept.read.clip import KeptClip
from scenarios.kept.read.review import Page
from scenarios.leaks.controls import control_household, plants
from scenarios.leaks.detector import LeakDetector, Part
from scenarios.leaks.sources.opened import opened
from scenarios.leaks.sources.reader.content import Content
from scenarios.leaks.sources.reader.reader import Unread, Wanted
from scenarios.leaks.sources.whole import reasons, search_whole
from scenarios.model.observations import Control, Response
from scenarios.verdict import Finding

CONTROL_SEED = 1
_KINDS = (("record", "kept record"), ("audio", "kept sound"))


def searched(clips: Sequence[KeptClip], detector: LeakDetector) -> tuple[Response, ...]:
    """One row for each record and one for each sound, in order. `not_searched` says where a search ended early."""
    return tuple(
        _row(clip.label, what, name, data, detector)
        for clip in clips
        for (what, name), data in zip(_KINDS, (clip.record, clip.audio), strict=True)
        if data
    )


def shown(pages: Sequence[Page], role: str, detector: LeakDetector) -> tuple[Response, ...]:
    """One row for each page of a review app: its address, headers and body."""
    rows = []
    for page in pages:
        name = f"{role} GET {detector.masked(page.route)}"
        found: list[Finding] = []
        cuts = [] if page.whole else ["without an end"]
        for data in (page.headers, page.body):
            findings, cut = _search(data, name, detector) if data else ((), None)
            found += findings
            cuts += [cut] if cut else []
        rows.append(
            Response(
                role=role,
                method="GET",
                route=detector.masked(page.route),
                status=page.status,
                bytes=len(page.body),
                ms=0.0,
                clip_ref=page.clip,
                findings=tuple(found),
                not_searched="; ".join(cuts) or None,
            )
        )
    return tuple(rows)


def controls(detector: LeakDetector) -> tuple[Control, ...]:
    """Planted leaks of a household that cannot exist. They go through the same search, with a detector that knows
    them."""
    made = []
    for name, plant in plants(control_household(CONTROL_SEED)).items():
        if plant.headers:
            continue  # a kept clip has none
        findings, _ = _search(plant.body, "planted", detector)
        ways = [finding.how for finding in findings if finding.field == plant.field]
        made.append(Control(name=name, via="kept", found=bool(ways), how=ways[0] if ways else ()))
    return tuple(made)


def _row(label: str, what: str, name: str, data: bytes, detector: LeakDetector) -> Response:
    findings, cut = _search(data, name, detector)
    return Response(
        role="whoever reads the store",
        method=READ,
        route=f"kept/{what}",
        status=200,
        bytes=len(data),
        ms=0.0,
        clip_ref=label,
        findings=findings,
        not_searched=cut,
    )


def _search(data: bytes, name: str, detector: LeakDetector) -> tuple[tuple[Finding, ...], str | None]:
    whole = search_whole(_wanted(data, name, detector), detector)
    return tuple(_placed(finding, name) for finding in whole.findings), "; ".join(reasons(whole.unread)) or None


def _wanted(data: bytes, name: str, detector: LeakDetector) -> Iterator[Wanted | Unread]:
    yield Wanted(name=name, parts=(Part(kind="kept", name=name, data=b""),), thing=True)
    yield from opened(Content((data,)), name, masked=detector.masked, kind="kept")


def _placed(finding: Finding, name: str) -> Finding:
    """The place without the name of the clip, so that the same fault always has the same fingerprint."""
    return msgspec.structs.replace(finding, where=msgspec.structs.replace(finding.where, name=name))
