"""Says what each check needs of a target, and what to add if it is missing. Reports and docs use this one table."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import msgspec

from scenarios.model.targets.review import Review
from scenarios.verdict import Outcome, Verdict


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What a check needs: `shown` (kept clips or a review app), `kept`, `joined`, `sound`, `recordings`, `files` (that
    can be searched), `facts` (what people see of device and time), `clock` (a program that deletes as of a later day),
    `described` (a review app that lists its routes), `opened` (a review app with a page for each kept clip), `narrows`
    (what people see that narrows households down), `roles` (people who are let in, and others), `visited` (a review app
    that may be put under load), `paced` (a fleet that must keep a pace), `builtin` (no other target offers it yet)."""

    check: str
    of: tuple[str, ...]


NEEDS: tuple[Need, ...] = (
    Need(check="leaks", of=("shown",)),
    Need(check="positive_control", of=()),
    Need(check="conservation", of=("kept", "joined")),
    Need(check="should_not_exist", of=("kept", "joined")),
    Need(check="gating", of=("kept", "joined")),
    Need(check="spoken_secrets", of=("kept", "joined", "sound", "recordings")),
    Need(check="at_rest", of=("files",)),
    Need(check="pace", of=("paced",)),
    Need(check="coverage", of=("kept", "joined", "described")),
    Need(check="sampling", of=("kept", "joined", "opened")),
    Need(check="linkage", of=("kept", "joined", "facts")),
    Need(check="anonymity", of=("kept", "joined", "narrows")),
    Need(check="retention", of=("kept", "clock")),
    Need(check="load", of=("visited",)),
    Need(check="access", of=("roles",)),
    Need(check="review_work", of=("builtin",)),
)

ADD: Mapping[str, str] = MappingProxyType(
    {
        "shown": "say in `kept` where kept clips can be read back, or in `review` where people look at them",
        "kept": "say in `kept` where kept clips can be read back: a folder, a query or a list over HTTP",
        "joined": "say how clips join the truth: `join: exact` with `kept.session`, `sound` with `kept.audio`, or "
        "`phrase` with `kept.text`",
        "sound": "say in `kept.audio` where a record has its sound",
        "recordings": "keep truth.scenes.json beside truth.json, as `--keep-truth` and `simulate fleet --truth` write "
        "it: what was said sounds again from it",
        "files": "name in `files` what the system writes; logs of parts that the harness started are among them",
        "paced": "say in the scenario's wire.pace how many simulated seconds a second has",
        "facts": "say in `kept.pseudonym` or `kept.day` what people see of device and time",
        "clock": "say in `sweep` which program deletes what is due at {now}; `earlid run --target` calls it when the "
        "scenario asks for retention",
        "described": "say in `review.openapi` where the app describes its routes, and in `review.clips` which of them "
        "show one kept clip, with `kept.id`",
        "opened": "say in `review.clips` which pages of the app show one kept clip, with `kept.id`",
        "narrows": "say in `kept.place`, `kept.latitude`, `kept.given_name` or `kept.pseudonym` what people see of the "
        "home, or in `review.clips` which pages show one kept clip",
        "roles": "say in `review.login` how people sign in, or in `review.roles` what each role must see and must not; "
        "`earlid run --target` asks",
        "visited": "say in `review` where the app is; an attached one wants `may: [load]`, too; `earlid run --target` "
        "lets people work",
        "builtin": "it is judged for the built-in system alone so far",
    }
)


WHAT: Mapping[str, str] = MappingProxyType(
    {
        "shown": "kept clips that can be read back, or a review app",
        "kept": "kept clips that can be read back",
        "joined": "clips that join the truth: an id, their sound or their words",
        "sound": "their sound",
        "recordings": "truth.scenes.json beside the truth (`earlid run` has it)",
        "files": "files that can be searched: `files`, or parts that the harness starts",
        "paced": "a pace in the scenario",
        "facts": "what people see of device or time: `kept.pseudonym`, `kept.day`",
        "clock": "`sweep`: a program that deletes what is due at `{now}`",
        "described": "a review app with `openapi` and `clips`, and `kept.id`",
        "opened": "a review app with `clips`, and `kept.id`",
        "narrows": "what people see of the home: `kept.place`, `latitude`, `longitude`, `given_name`, `pseudonym`, or "
        "a review app with `clips`",
        "roles": "a review app with a `login`, or with `roles`",
        "visited": "a review app; an attached one with `may: [load]`",
        "builtin": "not possible yet: for the built-in system alone",
    }
)


def table() -> str:
    """The table of needs as Markdown. The documentation contains it unchanged."""
    rows = ["| check | needs of you |", "|---|---|"]
    rows += [f"| `{need.check}` | {'; '.join(WHAT[each] for each in need.of) or 'nothing'} |" for need in NEEDS]
    return "\n".join(rows)


def missing(check: str, offered: Collection[str]) -> Sequence[str]:
    """The needs of a check that a target does not meet."""
    return [need for each in NEEDS if each.check == check for need in each.of if need not in offered]


def described(review: Review | None) -> bool:
    """Whether a review app lists its routes, and the target file which of them show a clip."""
    return review is not None and review.openapi is not None and bool(review.clips)


def opened(review: Review | None) -> bool:
    """Whether a review app has a page for each kept clip."""
    return review is not None and bool(review.clips)


def roles(review: Review | None) -> bool:
    """Whether there are people who are let in, and others."""
    return review is not None and (review.login is not None or bool(review.roles))


def not_checked(check: str, why: str) -> Verdict:
    return Verdict(check=check, outcome=Outcome.UNKNOWN, examined=0, why=f"not checked: {why}")
