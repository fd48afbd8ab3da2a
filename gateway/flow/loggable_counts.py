"""Chooses the counts that may be written to a log. All counts are only told over MQTT, to the operator.

A dropped clip must not leave a mark on a disk, not even a number. One more `no_wake_word` in a log would say that
somebody spoke in a room. Loggable are the counts of kept clips, of load, and of the gateway's own faults.
"""

from collections.abc import Mapping

_WRITTEN = ("kept:", "busy:", "broke:", "bad_message", "unknown_topic", "shed_message")
_OWN_TROUBLE = frozenset({"incomplete:vault_unavailable", "incomplete:failed"})


def loggable(counts: Mapping[str, int]) -> str:
    """One line for the log: each loggable reason code and its count."""
    shown = [reason for reason in sorted(counts) if reason.startswith(_WRITTEN) or reason in _OWN_TROUBLE]
    return ", ".join(f"{reason} {counts[reason]}" for reason in shown) or "nothing yet"
