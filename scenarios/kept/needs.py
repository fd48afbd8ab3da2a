"""What each check needs of a target, and what to add where it is missing: one table, for reports and for the docs."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import msgspec

from scenarios.verdict import Outcome, Verdict


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """Capabilities a check wants: `shown` (kept clips or a review app), `kept`, `joined`, `sound`, `recordings`."""

    check: str
    of: tuple[str, ...]


NEEDS: tuple[Need, ...] = (
    Need(check="leaks", of=("shown",)),
    Need(check="positive_control", of=()),
    Need(check="conservation", of=("kept", "joined")),
    Need(check="should_not_exist", of=("kept", "joined")),
    Need(check="gating", of=("kept", "joined")),
    Need(check="spoken_secrets", of=("kept", "joined", "sound", "recordings")),
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
    }
)


WHAT: Mapping[str, str] = MappingProxyType(
    {
        "shown": "kept clips that can be read back, or a review app",
        "kept": "kept clips that can be read back",
        "joined": "clips that join the truth: an id, their sound or their words",
        "sound": "their sound",
        "recordings": "truth.scenes.json beside the truth",
    }
)


def table() -> str:
    """What each check needs of you, as Markdown; the documentation holds it as it is."""
    rows = ["| check | needs of you |", "|---|---|"]
    rows += [f"| `{need.check}` | {'; '.join(WHAT[each] for each in need.of) or 'nothing'} |" for need in NEEDS]
    return "\n".join(rows)


def missing(check: str, offered: Collection[str]) -> Sequence[str]:
    """What a check wants and is not there."""
    return [need for each in NEEDS if each.check == check for need in each.of if need not in offered]


def not_checked(check: str, why: str) -> Verdict:
    return Verdict(check=check, outcome=Outcome.UNKNOWN, examined=0, why=f"not checked: {why}")
