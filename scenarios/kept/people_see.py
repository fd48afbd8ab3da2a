"""What people see of kept clips besides the words: what links clips of one home, and what narrows households down."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from gateway.contract.model import Contract
from gateway.identities import Identities
from scenarios.attacks.anonymity import Seen, anonymity, place_of
from scenarios.attacks.linkage import ShownClip, linkage
from scenarios.attacks.residual import Residual
from scenarios.checks.exposure import READ
from scenarios.kept.asked import Asked
from scenarios.kept.joined import Joined
from scenarios.kept.needs import opened
from scenarios.kept.read.clip import KeptClip
from scenarios.model.observations import Observations, Response
from scenarios.model.targets.kept import Kept, KeptNone

Pair = tuple[KeptClip, str]  # a clip, and the household that said it


def left(asked: Asked, clips: Sequence[KeptClip], joined: Joined, seen: Observations) -> Residual | None:
    """What an attacker is left with, of the clips that joined: those whose page opened, or all where no page is
    declared. None where no check asks."""
    if not {"linkage", "anonymity"} & set(asked.checks):
        return None
    homes = {said.utterance_id: said.household_id for said in asked.truth.utterances}
    pages = opened(asked.target.review)
    some: Collection[str] = shown_ones(seen.responses) if pages else {clip.label for clip in clips}
    pairs = [
        (clip, homes[joined.of[clip.label]])
        for clip in clips
        if joined.of.get(clip.label) in homes and clip.label in some
    ]
    links = linked(pairs).links if "linkage" in asked.checks else ()
    if "anonymity" not in asked.checks:
        return Residual(links=links)
    found = narrowed(pairs, asked.identities, asked.contract, seen.responses, pages=pages)
    return msgspec.structs.replace(found, links=links)


def declared(kept: Kept) -> tuple[str, ...]:
    """The keys of the target file that say what people see of the home."""
    if isinstance(kept, KeptNone):
        return ()
    return tuple(key for key in ("place", "latitude", "longitude", "given_name", "pseudonym") if getattr(kept, key))


def linked(clips: Sequence[Pair]) -> Residual:
    """How well clips of one household can be joined by what people see of them. In which order they see clips nobody
    told, so that it is not judged."""
    shown = [
        ShownClip(household=home, position=0, device=clip.pseudonym, recorded_on=clip.day, transcript=clip.text)
        for clip, home in clips
    ]
    seen = {
        "ids": any(clip.device for clip in shown),
        "times": any(clip.recorded_on for clip in shown),
        "words": any(clip.transcript for clip in shown),
    }
    return Residual(links=tuple(link for link in linkage(shown) if seen.get(link.by)))


def narrowed(
    clips: Sequence[Pair], identities: Identities, contract: Contract, answers: Sequence[Response], *, pages: bool
) -> Residual:
    """How many households fit what people see of each clip. With `pages` they see the app's own pages of it, otherwise
    the kept record."""
    named: dict[str, set[str]] = {}
    for answer in answers:
        if answer.clip_ref and (answer.method != READ) == pages and answer.status < 400:
            named.setdefault(answer.clip_ref, set()).update(each.household_id for each in answer.findings)
    views = [
        Seen(household=home, facts=_facts(clip), named=frozenset(named.get(clip.label, ()))) for clip, home in clips
    ]
    raw = [name for name in ("device", "customer") if getattr(contract.redact, name) == "keep"]
    return Residual(sets=anonymity(views, identities, raw=raw))


def unread(clips: Sequence[KeptClip]) -> list[str]:
    """What people see and nobody here can compare: places that are no town as "Ashland, OR" and no geohash, and
    coordinates that are no numbers."""
    places = sum(bool(clip.place) and place_of(clip.place or "") is None for clip in clips)
    spots = sum(bool(clip.latitude or clip.longitude) and _spot(clip) is None for clip in clips)
    said = [f'{places} clips show a place that is no town as "Ashland, OR" and no geohash'] if places else []
    return said + ([f"{spots} clips have coordinates that are no two numbers"] if spots else [])


def shown_ones(answers: Sequence[Response]) -> Collection[str]:
    """The labels of the clips whose own page opened."""
    return {each.clip_ref for each in answers if each.clip_ref and each.method != READ and each.status < 400}


def _facts(clip: KeptClip) -> Mapping[str, object]:
    """The facts as the attacks name them. What cannot be read is left out, and `unread` says so."""
    facts: dict[str, object] = {}
    if (place := place_of(clip.place or "")) is not None:
        facts["locality"] = place
    if (spot := _spot(clip)) is not None:
        facts["latitude"], facts["longitude"] = spot
    if clip.given_name:
        facts["given_name"] = clip.given_name
    if clip.pseudonym:
        facts["device"] = clip.pseudonym
    return facts


def _spot(clip: KeptClip) -> tuple[float, float] | None:
    try:
        return float(clip.latitude or ""), float(clip.longitude or "")
    except ValueError:
        return None
