"""Ends this process at a signal by SystemExit, so that what it opened is closed and what it started is ended."""

import signal
import sys
from types import FrameType
from typing import NoReturn

_AGAIN_S = 0.05


class _Ended(SystemExit):
    """Raised by a signal: told apart from a SystemExit that somebody else raised."""


def exit_at(*signs: signal.Signals, code: int, once: bool = False) -> None:
    """From now on each of `signs` raises SystemExit with `code` in the main thread, from which alone this is called.

    Python drops an exception that is raised in a destructor, or in a callback of a fork or of the garbage collector.
    Another follows then. With `once`, further signals do nothing: cleaning up is not to be cut short.
    """
    told = sys.unraisablehook

    def end(_sign: int, _frame: FrameType | None) -> NoReturn:
        for each in signs if once else ():
            signal.signal(each, _nothing)  # not SIG_IGN, which programs started from here would inherit
        raise _Ended(code)

    def dropped(lost: "sys.UnraisableHookArgs") -> None:
        if isinstance(lost.exc_value, _Ended) and lost.exc_value.code == code:
            signal.signal(signal.SIGALRM, end)
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
        else:
            told(lost)

    sys.unraisablehook = dropped
    for each in signs:
        signal.signal(each, end)


def take_interrupts() -> None:
    """Let SIGINT raise KeyboardInterrupt, also where a shell script started this with `&`: then it is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _nothing(_sign: int, _frame: FrameType | None) -> None:
    pass
