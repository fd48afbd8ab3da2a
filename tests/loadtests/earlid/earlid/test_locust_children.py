"""A worker's exit status is there when Locust asks, however long ago the worker ended."""

import subprocess
import sys

import pytest

FORGOTTEN = """
import os, sys
from gevent import monkey
monkey.patch_all()
import gevent
import gevent.os
from earlid.locust_children import keep_exit_statuses

if sys.argv[1] == "kept":
    keep_exit_statuses()
pid = gevent.fork()
if not pid:
    os._exit(7)
other = gevent.fork()
if not other:
    os._exit(0)
while not all(isinstance(gevent.os._watched_children.get(one), tuple) for one in (pid, other)):
    gevent.sleep(0.01)
assert os.waitpid(other, os.WNOHANG) == (other, 0)
gevent.os._reap_children(timeout=-1)  # as a minute later
try:
    print(os.waitstatus_to_exitcode(os.waitpid(pid, os.WNOHANG)[1]))
    os.waitpid(pid, os.WNOHANG)
except ChildProcessError:
    print("unknown")
"""


@pytest.mark.parametrize(("how", "said"), [("kept", ["7", "unknown"]), ("as gevent does", ["unknown"])])
def test_the_status_of_a_child_is_kept_until_it_is_asked_for(how: str, said: list[str]) -> None:
    command = [sys.executable, "-c", FORGOTTEN, how]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.split() == said
