"""The codes of receipts: each decision in the code has a code of the list, with the outcome it means."""

import ast
from pathlib import Path

import gateway
from gateway.reasons import REASONS


def decisions() -> list[tuple[bool, str]]:
    """(keep, reason) of each GateDecision in the gateway's code that names both, and of each that is dropped again."""
    found = []
    for path in Path(gateway.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "GateDecision":
                given = {word.arg: word.value for word in call.keywords}
                keep, reason = given.get("keep"), given.get("reason")
                if isinstance(keep, ast.Constant) and isinstance(reason, ast.Constant):
                    found.append((bool(keep.value), str(reason.value)))
            elif isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "dropped":
                found += [(False, str(given.value)) for given in call.args if isinstance(given, ast.Constant)]
    return found


def test_what_is_kept_has_a_reason_of_the_outcome_kept_and_nothing_else_has() -> None:
    assert len(decisions()) >= 8
    for keep, reason in decisions():
        assert (REASONS[reason].outcome == "kept") is keep, reason
