"""Locust users of any review app. Each asks for one declared page after another, by GET alone, under one account.

The addresses and the account come from the settings file that EARLID_LEAKWATCH names. Requests are named by route. A
redirect is not followed: it may lead to another host.
"""

import itertools
import sys
from typing import Any, ClassVar

from locust import FastHttpUser, events, task

from gateway.files import BadFile
from loadtests.watch.settings import VARIABLE, Visiting, load_settings


class Visitor(FastHttpUser):
    """One person who looks at one page after another. Everybody begins at another page."""

    visiting: ClassVar[Visiting]
    begins: ClassVar["itertools.count[int]"]

    def on_start(self) -> None:
        self.at = next(self.begins)
        said = self.visiting.cookies
        self.headers = {**self.visiting.headers}
        if said:
            self.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in said.items())

    def wait_time(self) -> float:
        return self.visiting.wait_s

    @task
    def look(self) -> None:
        page = self.visiting.addresses[self.at % len(self.visiting.addresses)]
        self.at += 1
        context = {"role": self.visiting.role} | ({"clip_ref": page.clip} if page.clip else {})
        self.client.get(page.path, name=page.name, headers=self.headers, context=context, allow_redirects=False)


def read_settings(**_event: Any) -> None:
    """Take the addresses in. A wrong settings file gives one line and exit code 2."""
    try:
        visiting = load_settings().visiting
        if visiting is None:
            raise BadFile(f"the file {VARIABLE} names: visiting: missing; visitors need addresses")
    except BadFile as error:
        sys.stderr.write(f"visitors: {error}\n")
        raise SystemExit(2) from None
    Visitor.visiting = visiting
    Visitor.begins = itertools.count()


if __name__ == "locustfile":  # Locust loads a locustfile under its bare name; an import registers nothing
    hooks: Any = events  # untyped
    hooks.init.add_listener(read_settings)
