"""A process ends at a signal, also where Python drops the exception, in every command."""

import signal
import subprocess
import sys
import time

import pytest

# What ends the process is raised in a destructor or a callback, where Python drops it.
DROPS = """
import gc, os, signal, sys, time
def stop():
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.2)
def in_a_destructor():
    class Dropping:
        def __del__(self):
            stop()
    Dropping()
def in_the_garbage_collector():
    def called(phase, about):
        gc.callbacks.clear()
        stop()
    gc.callbacks.append(called)
    gc.collect()
def in_a_fork():
    here, told = os.getpid(), []
    os.register_at_fork(before=lambda: told or (told.append(1), stop()))
    if os.fork() == 0:
        os._exit(0)
def and_goes_on(*_args, **_more):
    {place}()
    try:
        time.sleep(30)
    finally:
        print("cleaned up", flush=True)
"""
PLACES = ["in_a_destructor", "in_the_garbage_collector", "in_a_fork"]
BY_ITSELF = "from gateway.ending import exit_at\nexit_at(signal.SIGTERM, code=7, once={once})\nand_goes_on()\n"
OF_A_COMMAND = "import {module} as it\nit.app = and_goes_on\nit.main()\n"


def _ended(source: str) -> tuple[int, str, str]:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False, timeout=60)
    assert time.monotonic() - began < 29
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize("place", PLACES)
def test_it_ends_also_where_python_drops_what_ends_it(place: str, *, once: bool) -> None:
    assert _ended(DROPS.format(place=place) + BY_ITSELF.format(once=once)) == (7, "cleaned up\n", "")


@pytest.mark.parametrize(
    ("module", "code"), [("scenarios.cli", 143), ("gateway.__main__", 0), ("scenarios.leaks.service.__main__", 0)]
)
def test_so_does_each_command(module: str, code: int) -> None:
    source = DROPS.format(place="in_a_destructor") + OF_A_COMMAND.format(module=module)
    assert _ended(source) == (code, "cleaned up\n", "")


@pytest.mark.parametrize(("sign", "code"), [("SIGTERM", 7), ("SIGINT", 130)])
def test_each_signal_keeps_its_own_code_where_python_drops_what_ends_it(sign: str, code: int) -> None:
    drops = DROPS.format(place="in_a_destructor").replace("signal.SIGTERM", f"signal.{sign}")
    both = "from gateway.ending import exit_at\nexit_at(signal.SIGTERM, code=7)\nexit_at(signal.SIGINT, code=130)\n"
    assert _ended(drops + both + "and_goes_on()\n")[:2] == (code, "cleaned up\n")


def test_a_system_exit_of_somebody_else_is_not_repeated() -> None:
    source = """
import signal, time
from gateway.ending import exit_at
class Exits:
    def __del__(self):
        raise SystemExit(9)
exit_at(signal.SIGTERM, code=7)
Exits()
time.sleep(0.3)
print("goes on")
"""
    code, said, told = _ended(source)
    assert (code, said) == (0, "goes on\n")
    assert "SystemExit: 9" in told


def test_once_lets_what_cleans_up_come_to_its_end_and_its_children_end_at_the_signal() -> None:
    source = """
import os, signal, subprocess, time
from gateway.ending import exit_at
exit_at(signal.SIGTERM, code=7, once=True)
try:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
finally:
    os.kill(os.getpid(), signal.SIGTERM)
    child = subprocess.Popen(["sleep", "20"])
    child.terminate()
    print(child.wait())
"""
    assert _ended(source) == (7, f"{-signal.SIGTERM}\n", "")
