"""Accounts of reviewers, shared by the users of a load test. It knows nothing of the review tool."""

from typing import Any

from gevent.lock import Semaphore

from gateway.files import BadFile
from loadtests.watch.settings import Account


class PooledAccount:
    """One account: its cookies after the first sign-in, and how many users share it. `turn` guards the sign-in."""

    def __init__(self, account: Account, *, by_form: bool) -> None:
        self.account, self.by_form = account, by_form
        self.turn = Semaphore()
        self.cookies: Any = None
        self.users = 0


class AccountPool:
    """Hands out accounts in turn. Users of one account share one sign-in, because a TOTP code is valid once."""

    def __init__(self, accounts: tuple[Account, ...]) -> None:
        self._slots = [PooledAccount(account, by_form=at % 2 == 0) for at, account in enumerate(accounts)]
        self._taken: dict[str | None, int] = {}

    def next(self, role: str | None = None) -> PooledAccount:
        """The next account, or the next one of a role. Raises BadFile: there is none of that role."""
        slots = [slot for slot in self._slots if role in (None, slot.account.role)]
        if not slots:
            raise BadFile(f"reviewing.accounts: none has the role {role}")
        at = self._taken.get(role, 0)
        self._taken[role] = at + 1
        slot = slots[at % len(slots)]
        slot.users += 1
        return slot
