"""What a gateway has counted: the whole of it for who asks over MQTT, and the part that may be loggable down.

A clip that was dropped may leave no mark on a disk, not even a number: a log with one more `no_wake_word` in it says
that somebody spoke in a room. What is loggable down tells of kept clips, of load, and of the gateway's own trouble.
"""

from collections.abc import Mapping

_WRITTEN = ("kept:", "busy:", "broke:", "bad_message", "unknown_topic", "shed_message")
_OWN_TROUBLE = frozenset({"incomplete:vault_unavailable", "incomplete:failed"})


def loggable(counts: Mapping[str, int]) -> str:
    """One line for the log: reason codes and how often each came; nothing of anyone, nothing of what was dropped."""
    shown = [reason for reason in sorted(counts) if reason.startswith(_WRITTEN) or reason in _OWN_TROUBLE]
    return ", ".join(f"{reason} {counts[reason]}" for reason in shown) or "nothing yet"
