"""A whole office at the review tool: `locust -f loadtests/reviewers/office.py,loadtests/watch/leakwatch.py`.

Everybody of `people.py` whose role has an account in the settings file that EARLID_LEAKWATCH names. EARLID_SHAPE may
name a shape: ramp, spike, soak, shift-change, steps or capacity.
"""

import os
import sys
from typing import Any

from earlid.load.shapes import Ramp, Shape, ShiftChange, Soak, Spike, Steps
from earlid.locust_shapes import capacity, shape
from locust import FastHttpUser

from gateway.files import BadFile
from loadtests.reviewers.accounts import AccountPool
from loadtests.reviewers.people import PEOPLE, Person
from loadtests.watch.settings import VARIABLE, Account, load_settings

SHAPES: dict[str, Shape] = {
    "ramp": Ramp(last=100, rise_s=60, hold_s=60),
    "spike": Spike(quiet=20, loud=200, quiet_s=30, loud_s=15),
    "soak": Soak(people=50, seconds=3_600),
    "shift-change": ShiftChange(people=50, shift_s=60),
    "steps": Steps(step=20, each_s=30, most=400),
}


def people_with(accounts: tuple[Account, ...]) -> list[type[FastHttpUser]]:
    """The kinds of people that have an account, and the stranger, who needs none."""
    roles = {account.role for account in accounts}
    return [who for who in PEOPLE if not issubclass(who, Person) or who.account_role in roles]


def _chosen(name: str) -> type:
    if name == "capacity":
        return capacity(first=20, most=1_000, each_s=30)
    if name not in SHAPES:
        raise BadFile(f"EARLID_SHAPE: {name}: allowed: {', '.join((*SHAPES, 'capacity'))}")
    return shape(SHAPES[name])


def _prepared() -> tuple[list[type[FastHttpUser]], type | None]:
    """One line and exit code 2 for a wrong settings file."""
    try:
        reviewing = load_settings().reviewing
        if reviewing is None:
            raise BadFile(f"the file {VARIABLE} names: reviewing: missing; people need accounts")
        Person.accounts = AccountPool(reviewing.accounts)
        wanted = os.environ.get("EARLID_SHAPE")
        return people_with(reviewing.accounts), _chosen(wanted) if wanted else None
    except BadFile as error:
        sys.stderr.write(f"office: {error}\n")
        raise SystemExit(2) from None


if __name__ == "office":  # Locust loads a locustfile under its bare name; an import registers nothing
    _people, _shape = _prepared()
    globals().update({who.__name__: who for who in _people})
    if _shape is not None:
        Office: Any = _shape
