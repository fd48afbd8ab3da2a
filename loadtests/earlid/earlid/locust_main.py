"""Locust's own command line with the watch in it: `earlid locust` runs `python -P -m earlid.locust_main`.

Takes every option that Locust takes. Nothing else of Earlid is imported here, so that packages of the user's project
may have any name. EARLID_IDENTITIES names the identities file, EARLID_SPOOL the spool.
"""

import os
import sys
from pathlib import Path
from typing import Any

from earlid.client import SearchLost
from earlid.locust_watch import attach, search_options
from earlid.process import start_search

IDENTITIES, SPOOL = "EARLID_IDENTITIES", "EARLID_SPOOL"


def main() -> None:
    """Start the search before Locust forks its workers, then Locust. Exit 2 when there can be no search."""
    import locust.main
    from locust import events

    spool = os.environ.get(SPOOL)
    options = search_options(spool=Path(spool) if spool else None, controls_url=None, role="user")
    try:
        search = start_search(Path(os.environ[IDENTITIES]), options)
    except SearchLost:
        sys.exit(2)  # it has said why
    hooks: Any = events
    hooks.init.add_listener(lambda environment, **_event: attach(environment, search=search))
    untyped: Any = locust.main
    try:
        untyped.main()
    finally:
        search.stop()


if __name__ == "__main__":
    main()
