"""Why a check of somebody's own system cannot be judged, or cannot pass."""

from collections.abc import Sequence

import msgspec

from scenarios.kept.asked import Asked
from scenarios.kept.joined import Joined
from scenarios.kept.needs import ADD, opened
from scenarios.kept.people_see import declared, unread
from scenarios.kept.read.clip import KeptClip, Read
from scenarios.model.targets.kept import KeptNone
from scenarios.verdict import Outcome, Verdict, Where

_NAMED = 5  # utterances named in a sentence
_JOINED = ("conservation", "should_not_exist", "gating")
_FITS = {  # what makes a clip fit several utterances, and what would tell them apart
    "sound": ": little of their sound is left, or it was said twice; `join: exact` tells them apart",
    "phrase": ": few of their words are left, or they were said twice; `join: exact` tells them apart",
}


def why(asked: Asked, clips: Sequence[KeptClip], lacking: Sequence[str]) -> str:
    """What the user must add, or why what was declared is not enough."""
    if "visited" in lacking and asked.visited.trouble:
        return asked.visited.trouble
    if "clock" in lacking and asked.unaged:
        return asked.unaged
    if "joined" in lacking and not clips and asked.older:
        return _nothing_new(asked)
    if "kept" not in lacking and "joined" in lacking and clips and asked.target.join != "count":
        if asked.target.join == "sound" and not asked.sent:
            return ADD["recordings"]
        return (
            f"none of {len(clips)} kept clips could be joined ({asked.target.join}): is it this fleet's truth, and do "
            "records have the id, words or sound where the target file says?"
        )
    if "joined" in lacking and asked.target.join == "count" and clips:
        wanted = sum(said.expected == "keep" for said in asked.truth.utterances)
        return (
            f"{len(clips)} clips are kept, {wanted} requests were to be; which is which nobody knows: {ADD['joined']}"
        )
    return "; ".join(ADD[need] for need in lacking)


def placed(verdict: Verdict) -> Verdict:
    """Findings of audible secrets with the place "a kept sound", because there is no route."""
    findings = tuple(
        msgspec.structs.replace(each, where=Where(kind="audio", name="kept sound"))
        if each.where.kind == "audio"
        else each
        for each in verdict.findings
    )
    return msgspec.structs.replace(verdict, findings=findings)


def settled(
    verdict: Verdict, asked: Asked, unseen: Sequence[str], read: Read | str, joined: Joined, unexplained: Sequence[str]
) -> Verdict:
    """Turn a pass into unknown if not everything was examined. What was never sent is noted and fails nobody."""
    if verdict.check in _JOINED and asked.notes:
        verdict = msgspec.structs.replace(verdict, why="; ".join((verdict.why, *asked.notes)))
    if verdict.check in (*_JOINED, "spoken_secrets") and joined.narrowed:
        told = f"{joined.narrowed} clips of which little is left were told apart by length, sound and words together"
        verdict = msgspec.structs.replace(verdict, why=f"{verdict.why}; {told}")
    if verdict.check == "leaks" and asked.target.review:
        verdict = msgspec.structs.replace(verdict, why=f"{verdict.why}; {_looked(asked)}")
    if verdict.check == "anonymity":
        verdict = msgspec.structs.replace(verdict, why=f"{verdict.why}; {_narrowing(asked)}")
    if verdict.check == "at_rest" and asked.places:
        verdict = msgspec.structs.replace(verdict, why=f"{verdict.why}; {asked.places}")
    doubts = list(read.notes) if isinstance(read, Read) and verdict.check in (*_JOINED, "leaks") else []
    doubts += asked.doubts if verdict.check in (*_JOINED, "leaks", "spoken_secrets") else ()
    doubts += unseen if verdict.check == "leaks" else ()
    if verdict.check == "leaks" and asked.older and isinstance(read, Read) and not read.clips:
        doubts.append(_nothing_new(asked))
    if verdict.check == "retention":
        doubts += _of_retention(asked)
    if verdict.check in ("sampling", "anonymity"):
        doubts += _of_people(verdict.check, asked, read)
    if verdict.check == "load" and asked.visited.refused:
        said = ", ".join(f"{status}: {count}" for status, count in sorted(asked.visited.refused.items()))
        doubts.append(f"answers that showed no page, although the harness was shown it: {said}")
    if verdict.check == "access":
        doubts += asked.entry.unsettled
    if verdict.check in (*_JOINED, "spoken_secrets") and joined.untold:
        several = f"{len(joined.untold)} clips could be several utterances or none, and are not counted"
        doubts.append(several + _FITS.get(asked.target.join, ""))
        if not verdict.examined:  # what was said may be what those clips are: the check's own sentence would deny it
            verdict = msgspec.structs.replace(verdict, why="nothing could be settled")
    if verdict.check == "conservation" and unexplained:
        doubts.append(
            f"{len(unexplained)} requests are not kept and no receipt says why: lost, or not heard (gating judges the "
            f"rate): {_first(unexplained)}"
        )
    if not doubts:
        return verdict
    outcome = Outcome.UNKNOWN if verdict.outcome is Outcome.PASS else verdict.outcome
    return msgspec.structs.replace(verdict, outcome=outcome, why="; ".join((verdict.why, *doubts)))


def _of_people(check: str, asked: Asked, read: Read | str) -> list[str]:
    """Why what people were shown does not settle the check."""
    clips = read.clips if isinstance(read, Read) else ()
    opens = any(page.clip and page.status < 400 for page in asked.looked.pages)
    doubts = []
    if opened(asked.target.review) and clips and not opens:
        doubts.append("no page of any kept clip opened (`review.clips`), so that nobody knows what people are shown")
    if check == "anonymity":
        doubts += unread(clips)
    return doubts


def _nothing_new(asked: Asked) -> str:
    return (
        f"no kept clip is new: {asked.older} were there before the fleet spoke. Empty the store, or run another seed: "
        "a fleet of the same seed says the same"
    )


def _narrowing(asked: Asked) -> str:
    """What the households were compared with. Anything else that people see was not."""
    keys = ", ".join(f"kept.{key}" for key in declared(asked.target.kept))
    pages = "values found in the pages of kept clips" if opened(asked.target.review) else "values found in kept records"
    return f"compared: {keys + ' and ' if keys else ''}{pages}; nothing else that people see"


def _looked(asked: Asked) -> str:
    """How much of the review app was seen. A page that nobody named or linked to was not searched."""
    pages = asked.looked.pages
    routes, own = {page.route for page in pages}, {page.clip for page in pages if page.clip}
    clips = f", pages of {len(own)} kept clips" if asked.target.review and asked.target.review.clips else ""
    return f"review app: {len(pages)} answers of {len(routes)} routes{clips}"


def _of_retention(asked: Asked) -> list[str]:
    """Why the store's later days do not settle everything that the contract promises."""
    kept, lifetime = asked.target.kept, asked.contract.redact.pseudonyms.lifetime_days
    doubts = [asked.unaged] if asked.unaged else []
    if lifetime is None or isinstance(kept, KeptNone):
        return doubts
    ends = f"the contract ends pseudonyms after {lifetime} days, and"
    if kept.pseudonym is None:
        doubts.append(f"{ends} `kept.pseudonym` does not say where one stands")
    elif not any(look.linked for look in asked.aged if look.days == 0):
        doubts.append(f"{ends} no clip had one where `kept.pseudonym` says, so that none could end")
    return doubts


def _first(names: Sequence[str]) -> str:
    """Some of the names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
