"""Locust's own command line with the leak watch in it: `python -m loadtests.watch.locust_main -f mine.py ...`.

Takes every option Locust takes, however the locustfile is named; EARLID_LEAKWATCH names the settings file.
"""

from typing import Any

import locust.main
from locust import events

from loadtests.watch.leakwatch import attach_from_settings


def main() -> None:
    hooks: Any = events
    hooks.init.add_listener(attach_from_settings)
    untyped: Any = locust.main
    untyped.main()


if __name__ == "__main__":
    main()
