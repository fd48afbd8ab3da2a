"""Accounts of reviewers, shared by the users of a load test. It knows nothing of the review tool."""

from typing import Any

from gevent.lock import Semaphore

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
        self._taken = 0

    def next(self) -> PooledAccount:
        slot = self._slots[self._taken % len(self._slots)]
        self._taken += 1
        slot.users += 1
        return slot
