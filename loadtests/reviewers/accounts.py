"""Accounts and who works under them; knows nothing of the review tool."""

from typing import Any

from gevent.lock import Semaphore

from loadtests.watch.settings import Account


class PooledAccount:
    """One account's place: its cookies once somebody has signed in, and how many users work there."""

    def __init__(self, account: Account, *, by_form: bool) -> None:
        self.account, self.by_form = account, by_form
        self.turn = Semaphore()
        self.cookies: Any = None
        self.users = 0


class AccountPool:
    """One sign-in per account, shared by all users who work under it: a code counts only once."""

    def __init__(self, accounts: tuple[Account, ...]) -> None:
        self._desks = [PooledAccount(account, by_form=at % 2 == 0) for at, account in enumerate(accounts)]
        self._taken = 0

    def next(self) -> PooledAccount:
        desk = self._desks[self._taken % len(self._desks)]
        self._taken += 1
        desk.users += 1
        return desk
