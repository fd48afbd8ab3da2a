"""Locust's own command line with the watch in it: `earlid locust` runs `python -P -m earlid.locust_main`.

Takes every option that Locust takes. Nothing else of Earlid is imported here, so that packages of the user's project
may have any name. EARLID_IDENTITIES names the identities file, EARLID_SPOOL the spool.
"""

import os
import sys
import traceback
from pathlib import Path
from typing import Any

from earlid.client import SearchLost
from earlid.copies.connections import watch_connections
from earlid.locust_children import keep_exit_statuses
from earlid.locust_watch import attach
from earlid.process import search_options, start_search

IDENTITIES, SPOOL, BACKLOG = "EARLID_IDENTITIES", "EARLID_SPOOL", "EARLID_BACKLOG"


def main() -> None:
    """Start the search before Locust forks its workers, then Locust.

    Exit 2 when there can be no search, and when Locust refuses its options or locustfile: 1 would say "found".
    """
    import locust.main
    from locust import events

    keep_exit_statuses()
    watch_connections()
    spool = os.environ.get(SPOOL)
    options = search_options(spool=Path(spool) if spool else None, controls_url=None, role="user")
    options += ["--backlog", os.environ[BACKLOG]] if BACKLOG in os.environ else []
    try:
        search = start_search(Path(os.environ[IDENTITIES]), options)
    except SearchLost:
        sys.exit(2)  # it has said why
    hooks: Any = events
    began: list[bool] = []

    def on_init(environment: Any, **_event: Any) -> None:
        began.append(True)
        attach(environment, search=search)

    hooks.init.add_listener(on_init)
    untyped: Any = locust.main
    try:
        untyped.main()
    except SystemExit as ended:
        if ended.code == 1 and not began:
            sys.exit(2)  # it has said why
        raise
    except Exception as error:
        if began:
            raise
        sys.exit(_refused(error))
    finally:
        search.stop()


def _refused(error: Exception) -> int:
    """Say in one line why the locustfile cannot be loaded; 2."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    sys.stderr.write(f"earlid locust: {frame.filename}:{frame.lineno}: {type(error).__name__}: {error}\n")
    return 2


if __name__ == "__main__":
    main()
