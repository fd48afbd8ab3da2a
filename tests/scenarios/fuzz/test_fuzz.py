"""A search of scenarios that is stopped says how far it came, also where Python drops what stops it."""

import subprocess
import sys

import pytest

SEARCH = """
import os, signal, time
from pathlib import Path
from types import SimpleNamespace
from gateway.ending import exit_at
from scenarios.fuzz.fuzz import _kept
exit_at(signal.SIGTERM, code=143)
class Dropping:
    def __del__(self):
        os.kill(os.getpid(), signal.{sign})
        time.sleep(0.2)
search = SimpleNamespace(stopped=False, broken=None, tried=3, seconds=60, close=lambda: None)
try:
    with _kept(search, SimpleNamespace(out=Path("."))):
        Dropping()
        for _ in range(100):
            if search.stopped and signal.{sign} == signal.SIGINT:
                raise KeyboardInterrupt
            time.sleep(0.1)
except KeyboardInterrupt:
    raise SystemExit(130) from None
"""


@pytest.mark.parametrize(("sign", "code"), [pytest.param("SIGTERM", 143, marks=pytest.mark.slow), ("SIGINT", 130)])
def test_a_dropped_stop_ends_the_search_all_the_same(sign: str, code: int) -> None:
    source = SEARCH.format(sign=sign)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout == "fuzz: stopped after 3 scenarios in 1.0 minutes; none failed\n"
