"""The leak watch as a second locustfile: `locust -f mine.py,loadtests/watch/leakwatch.py`.

EARLID_LEAKWATCH names the settings file. There are two other ways to use the watch: call
`earlid.locust_watch.attach` in your own locustfile, or run `earlid locust --identities FILE`.
"""

import sys
from typing import Any

from earlid.client import SearchLost
from earlid.copies.connections import watch_connections
from earlid.load.settings import LoadSettings
from earlid.locust_watch import attach
from earlid.process import SearchProcess, search_options, start_search
from locust import events
from locust.env import Environment

from gateway.files import BadFile
from loadtests.watch.settings import Settings, load_settings


def watch_from_settings() -> None:
    """Start the search before Locust forks its workers, and attach each Locust process to it.

    A wrong settings file gives one line and exit code 2.
    """
    settings = _or_exit(load_settings)
    search = None if settings.search else _or_exit(lambda: _started(settings))
    hooks: Any = events
    hooks.init.add_listener(lambda environment, **_event: _attach(environment, settings, search))


def _started(settings: Settings) -> SearchProcess:
    options = search_options(spool=settings.spool, controls_url=settings.controls_url, role=settings.role)
    return start_search(settings.identities, options, join_tags=settings.join_tags)


def _attach(environment: Environment, settings: Settings, search: SearchProcess | None) -> None:
    load = LoadSettings(out=settings.record) if settings.record else None
    _or_exit(lambda: attach(environment, search=search, address=settings.search, load=load))


def _or_exit(step: Any) -> Any:
    try:
        return step()
    except BadFile as error:
        sys.stderr.write(f"leak watch: {error}\n")
    except SearchLost:
        pass  # the search has printed the reason
    except OSError as error:
        sys.stderr.write(f"leak watch: no search process ({error.strerror or error})\n")
    raise SystemExit(2)


if __name__ == "leakwatch":  # Locust loads a `-f` file under its bare name; an import registers nothing
    watch_connections()
    watch_from_settings()
