"""The matrix of routes, roles and fields of the review tool. Anything that is not in it is forbidden.

gateway/docs/review-tool.md shows it. Every cell is tested.
"""

from collections.abc import Mapping
from typing import get_args

import msgspec

from gateway.contract.model import Role

ROLES: tuple[Role, ...] = get_args(Role)
MEANING: Mapping[Role, str] = {
    "reviewer": "annotates clips, one at a time, as they are assigned",
    "lead": "annotates too, and reads and settles what others annotated (verifier)",
    "auditor": "reads the audit log and any published clip; changes nothing",
    "safety_officer": "asks for break-glass cases about clips that were flagged, and opens approved ones",
    "safety_approver": "approves or denies cases, which they can neither ask for nor open",
    "administrator": "keeps accounts; sees no clip",
}

_WORKERS: tuple[Role, ...] = ("reviewer", "lead")
_SAFETY: tuple[Role, ...] = ("safety_officer", "safety_approver")
_SEE: tuple[Role, ...] = (*_WORKERS, "auditor", *_SAFETY)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One route and the roles that may ask for it. `SCOPE` says for which clips."""

    route: str
    roles: tuple[Role, ...]


def _rows(roles: tuple[Role, ...], *routes: str) -> tuple[Row, ...]:
    return tuple(Row(route=route, roles=roles) for route in routes)


MATRIX: tuple[Row, ...] = (
    *_rows(ROLES, "POST /logout", "DELETE /api/session", "GET /api/openapi.json"),
    *_rows(ROLES, "GET /account", "POST /account/sign-out-elsewhere"),
    *_rows(ROLES, "POST /account/password", "POST /account/recovery-codes"),
    *_rows(ROLES, "POST /account/passkeys", "POST /account/passkeys/remove"),
    *_rows(_WORKERS, "GET /queue", "POST /next", "GET /api/queue", "POST /api/next"),
    *_rows(_SEE, "GET /clips/{ref}", "GET /clips/{ref}/audio.wav", "GET /clips/{ref}/spectrogram.png"),
    *_rows(_SEE, "GET /api/clips/{ref}", "GET /api/clips/{ref}/audio"),
    *_rows(_WORKERS, "POST /clips/{ref}/annotations", "POST /api/clips/{ref}/annotations"),
    *_rows(_WORKERS, "POST /clips/{ref}/draft", "POST /clips/{ref}/skip", "POST /api/clips/{ref}/release"),
    *_rows(_WORKERS, "POST /clips/{ref}/critical", "POST /api/clips/{ref}/critical", "POST /undo", "POST /api/undo"),
    *_rows(_WORKERS, "POST /clips/{ref}/contact", "POST /api/clips/{ref}/contact"),
    *_rows(_WORKERS, "GET /customers", "POST /customers", "GET /api/customers/{customer_id}"),
    *_rows(("lead",), "GET /verification", "GET /verification/{ref}", "POST /verification/{ref}"),
    *_rows(("lead", "auditor"), "GET /workload", "GET /agreement"),
    *_rows(("administrator",), "GET /people", "POST /people/invite", "POST /people/change"),
    *_rows(("auditor",), "GET /audit", "GET /api/audit/clips"),
    *_rows(("safety_officer",), "POST /clips/{ref}/case", "POST /cases/open"),
    *_rows(
        _SAFETY, "GET /cases", "POST /cases/list", "POST /cases/approval", "POST /cases/denial", "POST /cases/close"
    ),
)

# Which clips a role may open.
SCOPE: Mapping[Role, str] = {
    "reviewer": "clips leased to them now",
    "lead": "clips leased to them now, and any that somebody annotated",
    "auditor": "any published clip",
    "safety_officer": "clips flagged as distress",
    "safety_approver": "clips flagged as distress",
    "administrator": "none",
}

# Fields of a clip that a role is never shown, whatever the contract shows reviewers.
_IDS = ("device", "customer", "given_name", "latitude", "longitude")
HIDDEN: Mapping[Role, tuple[str, ...]] = {
    "reviewer": (),
    "lead": (),
    "auditor": (),
    "safety_officer": _IDS,
    "safety_approver": _IDS,
    "administrator": (),
}
# Whose annotations a role sees beside its own.
SEES_OTHERS: tuple[Role, ...] = ("lead", "auditor")

HOME: Mapping[Role, str] = {
    "reviewer": "/queue",
    "lead": "/queue",
    "auditor": "/audit",
    "safety_officer": "/cases",
    "safety_approver": "/cases",
    "administrator": "/people",
}

_ALLOWED: Mapping[str, tuple[Role, ...]] = {row.route: row.roles for row in MATRIX}


def may(role: Role, method: str, path: str) -> bool:
    """Whether a role may ask for a route, named by its template."""
    return role in _ALLOWED.get(f"{method} {path}", ())


def matrix_text() -> str:
    """The matrix as a Markdown table, as the README has it."""
    body = [(f"`{row.route}`", ["x" if role in row.roles else "" for role in ROLES]) for row in MATRIX]
    body += [("*which clips*", [SCOPE[role] for role in ROLES])]
    body += [("*fields never shown*", [", ".join(HIDDEN[role]) for role in ROLES])]
    body += [("*others' annotations*", ["x" if role in SEES_OTHERS else "" for role in ROLES])]
    lines = [("route", [role.replace("_", " ") for role in ROLES]), ("---", ["---"] * len(ROLES)), *body]
    return "".join(f"| {first} | " + " | ".join(cells) + " |\n" for first, cells in lines)
