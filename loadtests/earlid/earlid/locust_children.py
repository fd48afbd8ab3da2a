"""Keeps the exit status of each worker that `--processes` forks, until Locust asks for it at the end.

gevent forgets the status of a child a minute after it ended. A worker that was killed in mid-run is such a child.
Locust then asks an operating system that does not know it either, and prints the error in a loop for three seconds.
"""

import functools
import os
import sys
from typing import Any


def keep_exit_statuses() -> None:
    """Replace `gevent.fork` and `os.waitpid` of this process. Call it once gevent has patched `os`."""
    gevent: Any = sys.modules["gevent"]
    ended: dict[int, int] = {}

    def keep(watcher: Any) -> None:
        ended[watcher.rpid] = watcher.rstatus

    gevent.fork = functools.partial(gevent.os.fork_and_watch, callback=keep)
    os.waitpid = _remembering(os.waitpid, ended)


def _remembering(waitpid: Any, ended: dict[int, int]) -> Any:
    @functools.wraps(waitpid)
    def remembering(pid: int, options: int) -> tuple[int, int]:
        try:
            found: tuple[int, int] = waitpid(pid, options)
        except ChildProcessError:
            if pid not in ended:
                raise
            return pid, ended.pop(pid)
        ended.pop(found[0], None)
        return found

    return remembering
