"""A Hypothesis strategy for scenario files whose invariants any system must keep, whatever the fleet is like. Pure.

A test of your own takes it as it is:

    @given(scenario_files())
    def test_nothing_leaks(said: dict[str, object]) -> None: ...
"""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

INVARIANTS = ("leaks", "conservation", "should_not_exist")

# Of several values the first is the plainest: shrinking leads there.
_HOMES: Mapping[str, tuple[Any, ...]] = {
    "consent": (1.0, 0.5, 0.0),
    "children": (0.0, 0.5),
    "elderly": (0.0, 0.5),
    "talk_after": (0.0, 0.5, 1.0),
    "talk_before": (0.0, 0.5),
    "in_rooms": (0.0, 0.5),
    "visits": (0.0, 0.5),
    "distress": (0.0, 1.0),
    "ways": ("plain", "people"),
    "television": (0.0, 1.0),
    "ring_ms": (500, 0, 2_000),
    "snr_db": (20, 30, 10),
    "voices": ("understood", "any"),
    "wakes": ("every_sound", "measured"),
    "skew_ms": (0, 60_000),
    "days": (1, 30),
    "word_error_rate": (0.0, 0.1),
}
_KINDS = ("buttons", "muted", "false_wakes", "noise")
_GATE: Mapping[str, tuple[Any, ...]] = {
    "children": ("keep", "drop"),
    "same_utterance": ("one_clip", "each"),
    "pre_roll_ms": (500, 0, 1_500),
    "end_silence_ms": (700, 400, 2_000),
    "max_clip_ms": (30_000, 6_000),
}
_REDACT: Mapping[str, tuple[Any, ...]] = {
    "time_grain": ("day", "hour"),
    "voice": ("keep", "distort"),
    "device": ("pseudonym", "drop"),
}
_AUDIO: Mapping[str, tuple[Any, ...]] = {"masked_words": ("silence", "beep"), "pad_ms": (120, 60, 250)}
# Faults after which everything still arrives: whatever is lost then, the system has lost.
_FAULTS = ("duplicate", "reorder", "delay", "lose_receipt")


def _some_of(keys: Mapping[str, tuple[Any, ...]]) -> st.SearchStrategy[dict[str, Any]]:
    """A few of the keys, each with one of its values; the others are left out."""
    return st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in keys.items()})


@st.composite
def fleets(draw: st.DrawFn, households: int | None = None) -> dict[str, Any]:
    """The `fleet` of a scenario: so many homes, or one to three, and what is said in them."""
    fleet: dict[str, Any] = {
        "households": draw(st.integers(1, 3)) if households is None else households,
        "utterances_per_device": draw(st.integers(1, 4)),
        "devices_per_household": draw(st.integers(1, 2)),
        "wakes": "every_sound",
        **draw(_some_of(_HOMES)),
    }
    fleet |= draw(st.fixed_dictionaries({}, optional=dict.fromkeys(_KINDS, st.sampled_from((0.0, 0.25)))))
    if fleet["devices_per_household"] > 1 and draw(st.booleans()):
        fleet["heard_by"] = fleet["devices_per_household"]
    return fleet


@st.composite
def timelines(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events that befall devices: switches, clocks, lines that are cut for a while."""
    found: list[dict[str, Any]] = []
    for do in draw(st.lists(st.sampled_from(("mute", "clock_step", "partition")), max_size=2, unique=True)):
        event: dict[str, Any] = {"at": f"{draw(st.integers(0, 8))}m", "do": do}
        if do in ("mute", "partition"):
            event["for"] = f"{draw(st.integers(1, 5))}m"
        if do == "clock_step":
            event["by"] = draw(st.sampled_from(("5m", "-5m")))
        found.append(event)
    return found


@st.composite
def faults(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Faults of the devices' messages, after which everything still arrives."""
    kinds = draw(st.lists(st.sampled_from(_FAULTS), max_size=2, unique=True))
    return [{"kind": kind, "share": draw(st.sampled_from((0.01, 0.05)))} for kind in kinds]


@st.composite
def contracts(draw: st.DrawFn) -> dict[str, Any] | str:
    """`strict`, with a few keys changed for others that protect as well."""
    gate, redact, audio = draw(_some_of(_GATE)), draw(_some_of(_REDACT)), draw(_some_of(_AUDIO))
    if redact.get("device") == "drop":
        redact["pseudonyms"] = {"scope": "device", "rotate_days": None, "lifetime_days": None}
    if audio:
        redact["audio"] = audio
    changed = {key: part for key, part in (("gate", gate), ("redact", redact)) if part}
    return {"extends": "strict", **changed} if changed else "strict"


@st.composite
def scenario_files(
    draw: st.DrawFn,
    *,
    contract: str | None = None,
    checks: tuple[str, ...] = INVARIANTS,
    with_faults: bool = True,
    with_timeline: bool = True,
    households: int | None = None,
) -> dict[str, Any]:
    """What a scenario file says (`scenario: 2`), as a dictionary.

    Args:
        contract: a preset or a path; left out, contracts are drawn too.
        checks: what judges each run.
        with_faults: for a system that gives receipts, so that devices send again what was lost.
        with_timeline: for fleets that a scenario makes; households that a system knows already have none.
        households: how many homes there are, where a system knows them already.
    """
    said: dict[str, Any] = {
        "scenario": 2,
        "name": "drawn",
        "about": "Drawn at random by earlid fuzz.",
        "contract": draw(contracts()) if contract is None else contract,
        "seed": draw(st.integers(0, 999)),
        "fleet": draw(fleets(households)),
        "checks": list(checks),
    }
    if with_faults and (drawn := draw(faults())):
        said["faults"] = drawn
    if with_timeline and (events := draw(timelines())):
        said["timeline"] = events
    return said
