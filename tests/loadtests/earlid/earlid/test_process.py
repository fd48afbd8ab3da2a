"""Waiting for a search that compiles its needles does not stop the other greenlets of a Locust process."""

import subprocess
import sys

CODE = """
from gevent import monkey; monkey.patch_all()
import gevent, subprocess, sys
from earlid.process import _first_line

slow = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(1); print('search ready')"], stdout=subprocess.PIPE
)
beats = 0

def heart():
    global beats
    while True:
        gevent.sleep(0.05)
        beats += 1

gevent.spawn(heart)
assert _first_line(slow.stdout.fileno()) == b"search ready\\n"
print(beats)
"""


def test_a_worker_keeps_its_heartbeat_while_needles_compile() -> None:
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=True)
    assert int(run.stdout) >= 5
