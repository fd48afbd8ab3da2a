"""The block of every report of a search: what it looked for, what it left out, and what it could not open."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

_SHOWN = 20  # notes in a block for people; the others are counted
WHY_LEFT_OUT = "too common or too short to be looked for alone"


class Unopened(Protocol):
    """A part of a source that could not be read, and why."""

    @property
    def kind(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def why(self) -> str: ...

    @property
    def detail(self) -> str: ...


def leaves_open(unread: Unopened, accepted: Iterable[str]) -> bool:
    """Whether it keeps the search from passing. It does not if a person accepted its kind, its reason, or both as
    KIND:WHY."""
    return not {unread.kind, unread.why, f"{unread.kind}:{unread.why}"} & set(accepted)


def block(
    needles: Mapping[str, int], left_out: Mapping[str, int], unread: Sequence[Unopened], accepted: Sequence[str] = ()
) -> list[str]:
    """Lines for people: fields looked for, fields left out with reasons, what was not opened by kind and reason."""
    lines = [f"looked for: {_counts(needles) or 'nothing'}"]
    if left_out:
        lines.append(f"left out, {WHY_LEFT_OUT}: {_counts(left_out)}")
    sorts = Counter((each.kind, each.why, leaves_open(each, accepted)) for each in unread)
    for (kind, why, open_), count in sorted(sorts.items()):
        lines.append(f"not searched: {count} x {kind}, {why}" + ("" if open_ else " (accepted)"))
    for each in unread[:_SHOWN]:
        lines.append(f"  {each.name}: {each.kind}, {each.why}" + (f" ({each.detail})" if each.detail else ""))
    if len(unread) > _SHOWN:
        lines.append(f"  and {len(unread) - _SHOWN} more (--json has all)")
    return lines


def as_data(
    needles: Mapping[str, int], left_out: Mapping[str, int], unread: Sequence[Unopened], accepted: Sequence[str] = ()
) -> dict[str, Any]:
    """The same block for programs."""
    return {
        "needles": dict(sorted(needles.items())),
        "left_out": {field: {"values": count, "why": WHY_LEFT_OUT} for field, count in sorted(left_out.items())},
        "unread": [
            {
                "kind": each.kind,
                "name": each.name,
                "why": each.why,
                "detail": each.detail,
                "accepted": not leaves_open(each, accepted),
            }
            for each in unread
        ],
    }


def _counts(by_field: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {field}" for field, count in sorted(by_field.items()) if count)
