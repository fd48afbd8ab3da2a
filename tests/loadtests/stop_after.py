"""One more locustfile: ends the run after 250 requests of its users, however slow the machine is."""

from typing import Any

import gevent
from locust import events

_left = iter(range(250))


@events.init.add_listener  # type: ignore[untyped-decorator]
def count_down(environment: Any, **_: Any) -> None:
    def on_request(name: Any, **_: Any) -> None:
        if not name.startswith("control ") and next(_left, None) is None:
            gevent.spawn(environment.runner.quit)

    environment.events.request.add_listener(on_request)
