import subprocess
import sys

# gevent comes with Locust: as with Locust itself, only a process of its own imports it.
CODE = """
from loadtests.reviewers.accounts import AccountPool
from loadtests.watch.settings import Account

accounts = AccountPool((Account(username="a", password="x"), Account(username="b", password="x")))
taken = [accounts.next() for _ in range(3)]
assert [slot.account.username for slot in taken] == ["a", "b", "a"]
assert [slot.by_form for slot in taken] == [True, False, True]
assert taken[0] is taken[2] and taken[0].users == 2
"""


def test_users_share_the_accounts_in_turn() -> None:
    subprocess.run([sys.executable, "-c", CODE], check=True, timeout=30)
